"""Files that are there whole or not at all: written under a temporary name, synced, renamed."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

TEMPORARY_PREFIX = ".tmp-"


def write_file(file: Path, octets: bytes) -> None:
    """Write or replace a file durably."""
    temporary = file.with_name(f"{TEMPORARY_PREFIX}{file.name}")
    with temporary.open("wb") as target:
        target.write(octets)
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(file)
    sync_folder(file.parent)


def write_new_file(file: Path, octets: bytes) -> None:
    """Write a file into a folder that nobody sees yet, synced."""
    with file.open("xb") as target:
        target.write(octets)
        target.flush()
        os.fsync(target.fileno())


def append_line(file: Path, line: str, *, once: bool = True) -> None:
    """Add a line, with its end, to a file durably; with `once` nothing happens when that line stands there already."""
    octets = line.encode()
    with file.open("ab+") as target:
        if once:
            target.seek(0)
            if octets in target.read():
                return
        target.write(octets)
        target.flush()
        os.fsync(target.fileno())
    sync_folder(file.parent)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with these files durably; nothing happens when it exists."""
    if folder.exists():
        return
    temporary = folder.with_name(f"{TEMPORARY_PREFIX}{folder.name}")
    begin_folder(temporary)
    for name, octets in files.items():
        write_new_file(temporary / name, octets)
    sync_folder(temporary)
    temporary.rename(folder)
    sync_folder(folder.parent)


def begin_folder(folder: Path) -> None:
    """Make an empty folder, whatever a broken try left there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def move(source: Path, target: Path) -> None:
    """Rename within one file system, durably; the target's folder must exist."""
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(file: Path) -> None:
    """Make a file's content durable."""
    with file.open("rb") as target:
        os.fsync(target.fileno())


def free_name(folder: Path, name: str, ending: str = "") -> str:
    """Return `name` or `name (2)`, … that is not taken in a folder, however its letters are composed or cased."""
    taken = {other.name.casefold() for other in folder.iterdir()} if folder.exists() else set()
    number = 1
    while True:
        candidate = f"{name}{ending}" if number == 1 else f"{name} ({number}){ending}"
        if candidate.casefold() not in taken:
            return candidate
        number += 1
