"""Debian packages unpacked in a folder by an ordinary user: nothing is installed, no root is needed."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docaxis.local.service import ServiceError

Tell = Callable[[str], None]

# Shared libraries, without the ones that only packaging scripts or browsers want and the C library, which must be the
# system's.
LIBRARIES = r"lib(?!c6$|c-bin$|js-|perl|.*-perl$|.*-dev$|llvm|z3|python)[a-z0-9.+-]*"


class DebianError(ServiceError):
    """A Debian package could not be fetched or unpacked."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Packages unpacked under `root`."""

    root: Path

    def library_path(self) -> str:
        """Give the value of LD_LIBRARY_PATH that makes the tree's own libraries found."""
        folders = [*self.root.glob("usr/lib/*-linux-gnu*"), *self.root.glob("lib/*-linux-gnu*")]
        return ":".join(str(folder) for folder in folders)


def silent(_text: str) -> None:
    """Tell nobody."""


def fetch(downloads: Path, name: str, packages: Sequence[str], wanted: str, tell: Tell = silent) -> Tree:
    """Unpack what `packages` need under `downloads/name` and give the tree; a finished tree is given back as it is.

    `wanted` is a pattern that a package's whole name must match to be taken from the recursive dependencies of
    `packages`; libraries that the system has are left out. Safe to call from several processes; an interrupted call
    is taken up again. Raises `DebianError`.
    """
    downloads = downloads.resolve()
    root = downloads / name
    if root.is_dir():
        return Tree(root)
    downloads.mkdir(parents=True, exist_ok=True)
    with _locked(downloads / "lock"):
        if root.is_dir():
            return Tree(root)
        missing = [tool for tool in ("apt-get", "apt-cache", "dpkg-deb", "dpkg-query") if shutil.which(tool) is None]
        if missing:
            message = f"{', '.join(missing)} not found: {name} comes from Debian's packages, or install it yourself"
            raise DebianError(message)
        tell(f"fetching {name} from Debian's packages (once)")
        apt = _private_apt(downloads / "apt")
        names = _choose(apt, packages, wanted)
        archives = downloads / "archives" / name
        archives.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", *apt, "-qq", "download", *names], archives)
        tell(f"unpacking {len(names)} packages")
        partial = downloads / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        for archive in sorted(archives.glob("*.deb")):
            _run(["dpkg-deb", "-x", str(archive), str(partial)], archives)
        partial.rename(root)  # a tree that is there is whole
        shutil.rmtree(archives)
    return Tree(root)


def _private_apt(folder: Path) -> list[str]:
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State::lists={folder}/lists"),
        *("-o", f"Dir::Cache={folder}/cache"),
        *("-o", "Debug::NoLocking=1"),
        *("-o", "APT::Sandbox::User="),
        *("-o", "Acquire::Retries=3"),
        *("-o", "Acquire::http::Timeout=30"),
    ]


def _choose(apt: list[str], packages: Sequence[str], wanted: str) -> list[str]:
    # One unreachable third-party source makes update fail; whether what we need is there shows below.
    update = subprocess.run(["apt-get", *apt, "-qq", "update"], capture_output=True, text=True, check=False)
    quiet = ["--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances"]
    listing = _run(["apt-cache", *apt, "depends", "--recurse", *quiet, *packages], None, hint=update.stderr)
    installed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"], capture_output=True, text=True, check=False
    ).stdout
    present = {line.split()[1] for line in installed.splitlines() if line.startswith("ii")}
    # A library of the system stays the system's; a program is taken even where it is installed: the tree is whole.
    taken = {name for name in listing.splitlines() if re.fullmatch(wanted, name)}
    libraries = {name for name in listing.splitlines() if re.fullmatch(LIBRARIES, name)} - present
    chosen = sorted(taken | libraries)
    if not taken:
        why = _last_line(update.stderr) or "no package source"
        message = f"Debian's package lists have no {', '.join(packages)}: {why}"
        raise DebianError(message)
    return _downloadable(apt, chosen)


def _downloadable(apt: list[str], names: list[str]) -> list[str]:
    # Virtual packages and old alternatives have no candidate; one of them would make the whole download fail.
    policy = _run(["apt-cache", *apt, "show", "--no-all-versions", *names], None, allow_failure=True)
    real = {line.removeprefix("Package: ") for line in policy.splitlines() if line.startswith("Package: ")}
    return [name for name in names if name in real]


def _run(argv: list[str], folder: Path | None, hint: str = "", *, allow_failure: bool = False) -> str:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not allow_failure:
        said = _last_line(done.stderr) or _last_line(hint) or f"exit status {done.returncode}"
        message = f"{argv[0]} failed: {said}. Is the network there? The package may also be installed by hand"
        raise DebianError(message)
    return done.stdout


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
