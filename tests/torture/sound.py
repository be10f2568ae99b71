"""What must hold of an archive whatever happened to it: the state before a fault, held against the state after."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from psgcrawl.archive import names, runlog
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.store import Archive
from psgcrawl.errors import PsgcrawlError
from tests.archive.verify.making import check

CHANGING: Final = (runlog.RUNS, runlog.HEAD, f"{runlog.HEAD}.new", runlog.LOCK, "latest", ".lock", ".latest-new")
"""Names of what may change: the log only grows, the others say nothing of their own."""


@dataclass(frozen=True)
class State:
    """An archive at one time."""

    folder: Path
    files: dict[str, str]
    """SHA-256 of every file by its path, but of those that change."""
    log: bytes
    beside: tuple[str, ...]
    """What is in the folder around the archive."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Look at an archive."""
        log = folder / runlog.RUNS
        beside = tuple(sorted(path.name for path in folder.parent.iterdir()))
        return cls(folder, dict(_files(folder)), log.read_bytes() if log.exists() else b"", beside)

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the archive now, after whatever happened since."""
        now = State.of(self.folder)
        if now.beside != self.beside:
            yield f"written outside the archive: {sorted(set(now.beside) ^ set(self.beside))}"
        held = list(now.files.values())
        for path, sha256 in self.files.items():
            if _visible(path) and now.files.get(path) != sha256:
                yield f"{path}: it is not what it was"
            elif sha256 not in held:
                # What a dead run was staging may have another name; it may not be gone.
                yield f"{path}: it is gone"
        whole = self.log[: self.log.rfind(b"\n") + 1]
        if not now.log.startswith(whole):
            yield f"{runlog.RUNS}: lines that were there are not"
        torn = self.log[len(whole) :]
        if torn and not now.log.startswith(self.log) and hashlib.sha256(torn).hexdigest() not in held:
            yield f"{runlog.RUNS}: its torn end is gone"
        yield from visible_and_damaged(self.folder)


def visible_and_damaged(folder: Path) -> Iterator[str]:
    """Yield what is wrong with visible snapshots, however they came to be."""
    try:
        for collection in Archive(folder).collections():
            for snapshot in collection.editions():
                yield from verify_files(snapshot.folder)
    except (PsgcrawlError, OSError) as error:
        yield f"{type(error).__name__}: {error}"


def logged(folder: Path) -> dict[str, list[str]]:
    """Return the snapshots that whole lines of the log name, by the outcome that they say."""
    found: dict[str, list[str]] = {}
    for line in runlog.read(folder):
        found.setdefault(line.outcome, []).append(str(line.snapshot))
    return found


def committed(folder: Path, captured: str) -> Iterator[str]:
    """Yield why a run that said so did not commit, or confirm, what was captured at that time."""
    stem = names.compact(captured)
    there = [path.name for path in (folder / "news").glob(f"{stem}*") if path.is_dir()]
    if not there:
        yield f"exit code 0, but there is no snapshot {stem}"
    try:
        said = logged(folder)
    except (PsgcrawlError, OSError) as error:
        yield f"exit code 0, but the log cannot be read: {error}"
        return
    if not {*there} & {*said.get("committed", []), *said.get("unchanged", [])}:
        yield f"exit code 0, but no line of the log names {stem}"


def well(folder: Path) -> Iterator[str]:
    """Yield what ``verify --deep`` finds after a run that nothing disturbed."""
    yield from check(folder, deep=True).problems


def _visible(path: str) -> bool:
    collection, _, rest = path.partition("/")
    return bool(rest) and not collection.startswith(".") and not rest.startswith(".")


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or path.name in CHANGING:
            continue
        if path.name.startswith(".index"):
            continue  # may be deleted at any time
        yield str(relative), hashlib.sha256(path.read_bytes()).hexdigest()
