"""A command answers at once: what those that one types most load, and what they must not.

By name and not by time: seconds depend on the machine, and a module that comes back into the start stays.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.crawls import PROJECT

BARE = """
import argparse, pathlib, sys
from psgcrawl.cli.quickly import load_msgspec
parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=80))
parser.add_argument("--word")
parser.parse_args([])
load_msgspec()
code = 0
"""
"""What all commands rest on: which modules that loads differs between versions of Python."""

LOADED = """
import sys
from psgcrawl.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
"""

TELL = """
# What is None there was looked for in vain.
print(code, *(name for name, module in sys.modules.items() if module is not None), file=sys.stderr)
"""

NEVER: Final = frozenset(
    {
        *("asyncio", "ast", "dataclasses", "email", "http", "inspect", "json.encoder", "logging", "multiprocessing"),
        *("shutil", "socket", "ssl", "subprocess", "tempfile", "threading", "typing_extensions", "zipfile", "zoneinfo"),
        *("importlib.metadata", "tomllib", "unittest", "xml", "jinja2", "lxml", "scrapy", "twisted", "w3lib"),
        *("psgcrawl.archive.assemble", "psgcrawl.archive.commit", "psgcrawl.archive.verify.deep"),
        *("psgcrawl.archive.warc", "psgcrawl.layouts", "psgcrawl.rebuild.deriving", "psgcrawl.text"),
    }
)
"""What no command needs that only reads lines and manifests."""


def loaded(*words: str, script: str = LOADED) -> tuple[int, set[str]]:
    """Return the exit code of a command, and the modules that it had loaded when it was done."""
    ended = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{script}{TELL}", *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    code, *names = ended.stderr.splitlines()[-1].split()
    return int(code), set(names)


@cache
def below() -> set[str]:
    """Return what is loaded whatever this package does."""
    return loaded(script=BARE)[1]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Return two files of entries that differ in nothing: none has any."""
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path in paths:
        path.touch()
    return str(paths[0]), str(paths[1])


def test_the_version_is_told_without_what_reads_an_archive() -> None:
    code, names = loaded("--version")
    assert code == 0
    assert "msgspec" not in names
    assert (names - below()) & {*NEVER, "hashlib", "json", "psgcrawl.archive", "psgcrawl.records"} == set()


def test_two_files_are_compared_without_what_only_others_need(files: tuple[str, str]) -> None:
    code, names = loaded("diff", *files)
    assert code == 0
    assert "psgcrawl.archive.compare.scan" in names
    assert (names - below()) & {*NEVER, "json"} == set()


@pytest.mark.parametrize("command", ["snapshots", "status", "verify", "diff example"])
def test_an_archive_is_looked_into_without_what_only_others_need(archive: Path, command: str) -> None:
    code, names = loaded("--archive", str(archive), *command.split())
    assert code in {0, 1}
    assert "psgcrawl.archive.manifest" in names
    assert (names - below()) & {*NEVER, "json"} == set()


def test_one_entrys_history_is_told_from_the_index_without_what_only_others_need(archive: Path) -> None:
    words = ("--archive", str(archive), "history", "example")
    assert loaded(*words)[0] == 0
    code, names = loaded(*words, "news-article-20")
    assert code == 0
    assert "psgcrawl.archive.index.answers" in names
    assert (names - below()) & NEVER == set()


def test_what_commands_do_without_can_be_loaded_behind_them() -> None:
    script = "import sys; sys.argv = ['psgcrawl', '--version']; from psgcrawl.cli.quickly import load_msgspec; "
    script += "load_msgspec(); assert 'typing_extensions' not in sys.modules; import typing_extensions; "
    script += "import msgspec; print(msgspec.json.decode(b'[1]', type=typing_extensions.Annotated[list[int], 1]))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert ended.stdout == "[1]\n"
