"""Crawls of tests are forked; what they see, do and leave is what one that is typed sees, does and leaves."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.store import Archive
from tests.crawls import PATIENCE, PROJECT, Ran, command, crawl, run, together
from tests.forked import Forked

AS_TYPED = {"PYTHONASTYPED": "1"}
"""A variable that means nothing, but looks as if an interpreter read it when it starts: so one is started."""

MEASURED = any(name.startswith("COVERAGE_") for name in os.environ)

TELLING = """
import json, os, signal, sys, threading, warnings
from scrapy import Spider

class Telling(Spider):
    name = "telling"
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}

    async def start(self):
        print(json.dumps({
            "arguments": sys.argv,
            "folder": os.getcwd(),
            "environ": {name: value for name, value in os.environ.items() if name != "PYTHONASTYPED"},
            "path": sys.path,
            "main": sys.modules["__main__"].__spec__.name,
            "streams": [
                (one.fileno(), one.encoding, one.errors, one.line_buffering, one.seekable())
                for one in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
            ],
            "descriptors": sorted(
                os.readlink(one.path).rstrip("[]0123456789") for one in os.scandir("/proc/self/fd")
                if not os.readlink(one.path).startswith("/proc")
            ),
            "signals": [str(signal.getsignal(one)).partition(" at ")[0] for one in signal.Signals],
            "threads": [one.name for one in threading.enumerate()],
            "flags": list(sys.flags),
            "filters": sorted(map(str, warnings.filters)),
            "umask": os.umask(0),
            "modules": sorted(name for name in sys.modules if name.startswith(("scrapy", "twisted", "psgcrawl"))),
        }))
        for nothing in ():
            yield nothing
"""


def both(*words: str, **given: Any) -> tuple[Ran, Ran]:
    """Run forked and as typed, at once."""
    environ = given.pop("environ", {})
    forked, typed = together(
        lambda: run(*words, environ=environ, **given), lambda: run(*words, environ={**environ, **AS_TYPED}, **given)
    )
    return forked, typed


@pytest.mark.skipif(MEASURED, reason="coverage is measured in processes as typed")
def test_only_what_is_the_same_is_forked(tmp_path: Path) -> None:
    for words, environ, kind in (
        (("-m", "scrapy", "version"), {}, Forked),
        (("-m", "scrapy", "version"), AS_TYPED, subprocess.Popen),
        (("-m", "scrapy", "version"), {"LC_NOTHING": "C"}, subprocess.Popen),
        (("-m", "psgcrawl", "--version"), {}, Forked),
        (("-m", "psgcrawl", "--version"), AS_TYPED, subprocess.Popen),
        (("-m", "tests.script", "pass"), {}, Forked),
        (("-c", "pass"), {}, subprocess.Popen),
    ):
        with command(*words, cwd=tmp_path, environ=environ) as process:
            assert isinstance(process, kind)
            process.kill()
            process.communicate(timeout=PATIENCE)


@pytest.mark.thorough
def test_a_forked_process_finds_itself_where_a_typed_one_does(tmp_path: Path) -> None:
    (tmp_path / "telling.py").write_text(TELLING)
    (tmp_path / "more").mkdir()
    environ = {"PYTHONPATH": f"{tmp_path / 'more'}{os.pathsep}{PROJECT}", "TZ": "America/Lima", "GIVEN": "Perú"}
    forked, typed = (
        json.loads(ran.out) for ran in both("-m", "scrapy", "runspider", "telling.py", cwd=tmp_path, environ=environ)
    )
    assert set(typed.pop("modules")) <= set(forked.pop("modules"))
    assert forked == typed
    assert forked["path"][:3] == [str(tmp_path), str(tmp_path / "more"), str(PROJECT)]


@pytest.mark.thorough
def test_a_forked_crawl_says_and_leaves_the_same(tmp_path: Path) -> None:
    forked, typed = together(lambda: crawl(tmp_path / "forking"), lambda: crawl(tmp_path / "typings", environ=AS_TYPED))
    assert (forked.code, forked.err.replace("forking", "typings")) == (typed.code, typed.err)
    assert forked.out.replace("forking", "typings") == typed.out
    assert left(tmp_path / "forking") == left(tmp_path / "typings")


@pytest.mark.thorough
def test_a_forked_command_says_the_same(tmp_path: Path) -> None:
    for words in (("snapshots",), ("--archive", str(tmp_path), "diff", "news"), ("no-such-command",)):
        forked, typed = both("-m", "psgcrawl", *words)
        assert forked == typed


def test_a_forked_text_is_run_as_a_typed_one_is() -> None:
    text = "import sys; print(__name__, sys.argv); sys.exit(given)"
    forked, typed = run("-m", "tests.script", text, "a word"), run("-c", text, "a word")
    assert (forked.code, forked.out, forked.err.splitlines()[-1]) == (typed.code, typed.out, typed.err.splitlines()[-1])
    assert 'File "<string>", line 1, in <module>' in forked.err


def left(archive: Path) -> dict[str, bytes]:
    """Return the entries of every snapshot."""
    return {
        f"{found.name}/{one.name}": (one.folder / "entries.jsonl").read_bytes()
        for found in Archive(archive).collections()
        for one in found.snapshots()
    }


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ("sys.exit(7)", 7, ""),
        ("sys.exit('no')", 1, "no\n"),
        ("os._exit(9)", 9, ""),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
        ("atexit.register(print, 'at its end', file=sys.stderr)", 2, "at its end\n"),
        ("threading.Timer(0.1, lambda: print('in a thread', file=sys.stderr)).start()", 2, "in a thread\n"),
        ("sys.stdout = open('/dev/full', 'w'); print('lost')", 120, "No space left on device"),
    ],
    ids=["exit", "message", "at-once", "killed", "terminated", "atexit", "thread", "full"],
)
def test_a_forked_process_ends_as_a_typed_one_does(tmp_path: Path, body: str, code: int, told: str) -> None:
    (tmp_path / "ending.py").write_text(f"import atexit, os, signal, sys, threading\n{body}\n")
    ran = run("-m", "scrapy", "runspider", "ending.py", cwd=tmp_path)
    assert ran.code == code
    assert told in ran.err


def test_a_forked_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(60)\n")
    with command("-m", "scrapy", "runspider", "slow.py", cwd=tmp_path) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=0.2)
        process.kill()
        assert process.wait() == -signal.SIGKILL


@pytest.mark.thorough
def test_the_server_ends_with_the_process_that_started_it() -> None:
    script = (
        "import os; from tests import forked as f;"
        "one = f.fork(('-m', 'psgcrawl', '--version'), f.PROJECT, os.environ);"
        "assert not one.communicate(60)[1]; print(f._server('commands')._process.pid)"
    )
    ran = run("-c", script, cwd=PROJECT)
    assert ran.code == 0, ran.err
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.out), 0)
