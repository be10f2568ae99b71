"""All snapshots of a collection: the first call, the index, one entry; beside git."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.sides import Side, function, make, psgcrawl
from psgcrawl.archive.index.marks import YOUNG

INDEX = ".index.sqlite"
FIRST, SECOND, START = "first call", "second call", "psgcrawl --version"


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield all entries, then the life of one."""
    snapshots, entries = (30, 200) if small else (1_000, 1_000)
    make("collections:collection", folder=str(folder), snapshots=snapshots, entries=entries, later=True)
    # The index hashes, again and again, what was as young as two seconds when it was made: a day later nothing is.
    time.sleep(1.1 * YOUNG / 1e9)
    archive, index = folder / "output", folder / "output" / INDEX
    (later,) = (folder / "later" / "news").iterdir()
    shown = archive / "news" / later.name
    files = [str(path) for path in sorted(archive.glob("news/2*/*.jsonl"))]
    size = f"{snapshots:,} snapshots of {entries:,} entries"

    def forget() -> None:
        index.unlink(missing_ok=True)

    def remember() -> None:
        if not index.exists():
            raise RuntimeError("there is no index: the figures would mean something else")

    def more() -> None:
        later.rename(shown)

    def less() -> None:
        shown.rename(later)

    def told(name: str, before: Callable[[], None], after: Callable[[], None]) -> Side:
        return psgcrawl(name, archive, "history", "news", before=before, after=after)

    def then_second() -> None:
        # With the newest gone again, the index is that of all others.
        less()
        make("commands:quiet", words=["--archive", str(archive), "history", "news"])

    yield Contest(
        path="history",
        size=size,
        sides=[
            told(FIRST, forget, remember),
            psgcrawl(START, archive, "--version"),
            Side(name="cat", words=["cat", *files], needs=["program:cat"]),
        ],
        goals=[
            Goal(against="cat", less=START, most=4),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
    yield Contest(
        path="history with the index",
        size=size,
        sides=[
            told(SECOND, remember, remember),
            told("one more snapshot", more, then_second),
        ],
        goals=[
            Goal(unit="s"),
            Goal(unit="s", ours="one more snapshot"),
            Goal(by="memory", unit="MB", most=200),
        ],
    )
    repository = folder / "repository"
    make("collections:repository", folder=str(repository), archive=str(archive))
    one = f"news-article-{entries * 3 // 4:07d}"
    log = ["git", "-C", str(repository), "log", "--format=%H", "-G", f'"id":"{one}"', "--", "entries.jsonl"]
    times = 20 if small else 100
    words = ["--archive", str(archive), "history", "news", one]
    yield Contest(
        path="history of one entry",
        size=size,
        sides=[
            function("with the index", "ours:answer", words=words, times=times),
            Side(name="git log", words=log, needs=["program:git"]),
            psgcrawl("as typed", archive, *words[2:]),
        ],
        goals=[
            Goal(unit="ms, start-up not counted", factor=1000 / times, most=5),
            Goal(against="git log", most=0.01 * times),
            Goal(unit="s", ours="as typed"),
        ],
    )
