"""How cost grows with entries, snapshots and pages: the same command at three sizes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.paths.live import crawl, served
from benchmarks.sides import Side, function, make, measure, psgcrawl


@dataclass(frozen=True, kw_only=True)
class Grown:
    """What one command needed at ever larger sizes."""

    what: str
    by: str
    """What there is more of: entries, snapshots, pages."""
    sizes: list[int]
    processor: list[float]
    """Seconds, medians."""
    memory: list[float]
    """MB, medians."""


Made = Callable[[Path, int], Iterable[Side]]


def grown(folder: Path, rounds: int, *, small: bool) -> Iterator[Grown]:
    """Yield each command's cost, at three sizes."""
    for by, large, few, made in _KINDS:
        sizes = few if small else large
        found: dict[str, list[tuple[float, float]]] = {}
        for size in sizes:
            for side in made(folder / f"{by}-{size}", size):
                used = [measure(side) for _ in range(rounds)]
                figures = median(one.processor for one in used), median(one.memory for one in used)
                found.setdefault(side.name, []).append(figures)
        for name, figures_ in found.items():
            processor, memory = (list(column) for column in zip(*figures_, strict=True))
            yield Grown(what=name, by=by, sizes=[*sizes], processor=processor, memory=memory)


def _entries(folder: Path, size: int) -> list[Side]:
    make("collections:collection", folder=str(folder), snapshots=2, entries=size, share=1000)
    archive = folder / "output"
    return [*_commands(archive), psgcrawl("diff", archive, "diff", "news", "--stat", codes=[1])]


def _snapshots(folder: Path, size: int) -> list[Side]:
    make("collections:collection", folder=str(folder), snapshots=size, entries=200)
    return _commands(folder / "output")


def _commands(archive: Path) -> list[Side]:
    def forget() -> None:
        (archive / ".index.sqlite").unlink(missing_ok=True)

    return [
        psgcrawl("snapshots", archive, "snapshots"),
        psgcrawl("status", archive, "status", "--expect", "never"),
        psgcrawl("verify", archive, "verify"),
        psgcrawl("history, first call", archive, "history", "news", before=forget),
        psgcrawl("history, second call", archive, "history", "news"),
        psgcrawl("export sqlite", archive, "export", "sqlite", "news", "--force", "-o", str(archive) + ".sqlite"),
    ]


def _pages(folder: Path, size: int) -> Iterator[Side]:
    make("evidence:archive", folder=str(folder / "made"), snapshots=1, pages=size)
    yield psgcrawl("rebuild --check", folder / "made", "rebuild", "news", "--check")
    yield psgcrawl("verify --deep", folder / "made", "verify", "--deep")
    yield function("layouts", "ours:layout", pages=size)
    with served(size) as base:
        yield crawl("scrapy crawl news", folder, base, size)


_KINDS: Final[Sequence[tuple[str, Sequence[int], Sequence[int], Made]]] = (
    ("entries", (1_000, 10_000, 100_000), (100, 400, 1_600), _entries),
    ("snapshots", (10, 100, 1_000), (4, 8, 16), _snapshots),
    ("pages", (100, 300, 1_000), (10, 20, 40), _pages),
)
