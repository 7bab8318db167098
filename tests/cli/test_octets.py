"""What the command line writes: files whole or not at all, devices and pipes never replaced."""

import os
import threading
from pathlib import Path

from docaxis.cli.octets import write_octets


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_octets, args=(pipe, b"octets"))
    writer.start()
    assert pipe.read_bytes() == b"octets"
    writer.join()
    assert pipe.is_fifo()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"before")
    write_octets(file, b"after")
    assert file.read_bytes() == b"after"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
