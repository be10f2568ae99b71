"""Runs rows of the table, each in a process of its own, which is measured.

A server process has everything imported and forks once for each row: a crawl then costs
what it does, and not what its imports do. It never imports a reactor, of which a fork
would share the file descriptors.
"""

import os
import re
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Final

from psgcrawl.archive import runlog
from psgcrawl.errors import PsgcrawlError
from tests import crawls
from tests.hostile import Hostile
from tests.hostile.case import Row

SECONDS: Final = 60.0
MEGABYTES: Final = 512
PRELOADED: Final = ["tests.hostile.preload"]
BASIC: Final = {"CONTACT": "ops@example.org", "DOWNLOAD_DELAY": 0, "RETRY_FIRST_PAUSE": 0.01, "RETRY_TIMES": 1}


@dataclass(frozen=True)
class Done:
    """What became of a row."""

    row: Row
    code: int | None
    """None where it had to be killed."""
    said: str
    seconds: float
    megabytes: float
    wrong: tuple[str, ...]
    """What is not as it must be; nothing where all is."""


def run(row: Row, prepared: Callable[[Path], None] | None = None) -> Done:
    """Run a row in a folder of its own, which is gone afterwards.

    :param prepared: fills the archive beforehand, where the row is a command
    """
    folder = Path(mkdtemp(prefix="hostile-"))
    try:
        return _run(row, folder, prepared)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(row: Row, folder: Path, prepared: Callable[[Path], None] | None) -> Done:
    files, archive = folder / "files", folder / "archive"
    files.mkdir()
    if prepared is not None:
        prepared(archive)
    if row.files is not None:
        row.files(archive if row.spider is None else files)
    beside = [path.name for path in folder.iterdir()]
    with ExitStack() as stack:
        base = None
        if row.answers:
            base = stack.enter_context(Hostile(row.answers)).url(host=row.host)
        begun = monotonic()
        code = _in_process(_words(row, archive, files, base), folder)
        seconds = monotonic() - begun
    said = "".join(_read(folder / name) for name in ("out", "err"))
    megabytes = float(_read(folder / "peak") or "nan")
    wrong = list(_wrong(row, code, said, archive))
    there = {path.name for path in folder.iterdir()} - {"out", "err", "peak", "archive"}
    if there != set(beside) - {"archive"}:
        wrong.append(f"something was written beside the archive: {sorted(there)}")
    if seconds > SECONDS:
        wrong.append(f"it took {seconds:.0f} s")
    # A process that was killed has said nothing.
    if not megabytes < MEGABYTES:
        wrong.append(f"it took {megabytes:.0f} MB")
    return Done(row, code, said, seconds, megabytes, tuple(wrong))


def _words(row: Row, archive: Path, files: Path, base: str | None) -> list[str]:
    if row.spider is None:
        return ["psgcrawl", "--archive", str(archive), *(word.replace("{files}", str(files)) for word in row.line)]
    settings = {**BASIC, "ARCHIVE_DIR": archive, **row.settings}
    given = ["-a", f"base={base}"] if base else ["-a", f"path={files}"]
    line = [word.replace("{files}", str(files)) for word in row.line]
    return [
        "scrapy",
        "crawl",
        row.spider,
        *(f"--set={name}={value}" for name, value in settings.items()),
        *given,
        *line,
    ]


def _wrong(row: Row, code: int | None, said: str, archive: Path) -> Iterator[str]:
    if code != row.code:
        yield f"exit code {code}, not {row.code}"
    for line in said.split("\n"):
        if not line.isprintable():
            yield f"a terminal could obey {ascii(line)[:200]}"
    if row.spider is None:
        if row.words and not re.search(row.words, said):
            yield f"nothing says {row.words!r}: {said[-600:]!a}"
        return
    try:
        logged = list(runlog.read(archive))
        crawls.sound(archive, deep=False)
    except (PsgcrawlError, OSError, AssertionError) as error:
        yield f"the archive is not sound: {error!r}"[:600]
        return
    told = " | ".join([said, *(reason for line in logged for reason in line.reasons)])
    if row.words and not re.search(row.words, told):
        yield f"nothing says {row.words!r}: {told[-600:]!a}"
    outcomes = {line.outcome for line in logged}
    if row.outcome is not None and outcomes != {row.outcome}:
        yield f"outcomes {sorted(outcomes)}, not {row.outcome}"
    if code in {1, 3, 4} and not any(line.reasons for line in logged):
        yield "the log gives no reason"


def _read(path: Path) -> str:
    return path.read_text("utf-8", "surrogateescape") if path.exists() else ""


# --- in the process ---------------------------------------------------------------------


def _in_process(words: list[str], folder: Path) -> int | None:
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_measured, args=(words, str(folder)))
    process.start()
    process.join(SECONDS + 5)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    code = process.exitcode
    process.close()
    return code


def _measured(words: list[str], folder: str) -> None:
    """Run a command as a person would, and leave what it said and how much memory it took."""
    os.chdir(crawls.PROJECT)
    for name in ("PSGCRAWL_ARCHIVE", "SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    try:
        with (
            Path(folder, "out").open("w", encoding="utf-8", errors="surrogateescape") as out,
            Path(folder, "err").open("w", encoding="utf-8", errors="surrogateescape") as err,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = _execute(words)
    finally:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        Path(folder, "peak").write_text(f"{peak:.1f}", "ascii")
    sys.exit(code)


def _execute(words: list[str]) -> int:
    if words[0] == "psgcrawl":
        from psgcrawl.cli import main  # noqa: PLC0415 - in this process alone

        return main(words[1:])
    from scrapy.cmdline import execute  # noqa: PLC0415 - it makes settings and logging of a process

    try:
        execute(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
