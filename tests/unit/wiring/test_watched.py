"""What a file system tells, and how the readers fit the metrics."""

import os
from math import isnan
from pathlib import Path

import pytest

from docaxis.hub.metrics import Metrics
from docaxis.wiring.watched import of_folder


def test_room_is_told_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    readers = of_folder(tmp_path / "var" / "blobs")
    assert readers["docaxis_state_available_bytes"]() > 0
    metrics = Metrics()
    metrics.watch(readers)
    value = metrics.registry.get_sample_value("docaxis_state_available_bytes")
    assert value is not None
    assert value > 0


def test_file_system_that_counts_no_inodes_has_none_to_run_out_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list(os.statvfs(tmp_path))
    told[5:8] = [0, 0, 0]
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(told))
    assert isnan(of_folder(tmp_path)["docaxis_state_available_inodes"]())
    told[5:8] = [100, 12, 7]
    assert of_folder(tmp_path)["docaxis_state_available_inodes"]() == 7
