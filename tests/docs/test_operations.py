"""docs/operations.md: its blocks of commands are run as they stand, one after the other, on an archive of their own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from psgcrawl.archive import runlog
from tests import crawls, live

pytestmark = pytest.mark.service

PROJECT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```sh\n(set -eu\n.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, list[str]]:
    """Return the blocks that can be run, by the heading above them."""
    sections = DOCUMENT.split("\n## ")[1:]
    return {one.partition("\n")[0]: BLOCK.findall(one) for one in sections if BLOCK.search(one)}


class Place:
    """A folder that stands for ``/srv/psgcrawl``, with an archive in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "srv"
        self.archive = self.folder / "output"
        programs = self.folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        shutil.copyfile(PROJECT / "scrapy.cfg", self.folder / "scrapy.cfg")
        for name in ("psgcrawl", "scrapy"):
            python = f"PYTHONPATH={shlex.quote(str(PROJECT))} exec {shlex.quote(sys.executable)}"
            (programs / name).write_text(f'#!/bin/sh\n{python} -m {name} "$@"\n')
            (programs / name).chmod(0o755)

    def run(self, block: str, code: int = 0) -> str:
        """Run a block, its absolute places below this root, to this exit code; return what it printed."""
        for place in ("/backup", "/new"):
            block = re.sub(rf"(?<![\w.]){place}\b", str(self.root / place[1:]), block)
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(
            ["sh", "-c", block], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        assert ran.returncode == code, block + ran.stdout + ran.stderr
        return ran.stdout

    def files(self, folder: Path) -> dict[str, bytes]:
        """Return what is in an archive, but for locks."""
        found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found if not path.name.endswith("lock")}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    if shutil.which("rsync") is None:
        pytest.skip("rsync is not installed here: `make service` needs it")
    made = Place(tmp_path)
    live.crawl(made.archive, live.listing(), "2019-10-01T06:00:00Z")
    live.crawl(made.archive, live.listing(title="Another"), "2019-10-08T06:00:00Z")
    yield made
    crawls.sound(made.archive, deep=False)


def test_every_procedure_has_a_block_that_is_run() -> None:
    assert set(blocks()) == {"Back up", "Restore", "Move", "Clear what is kept apart", "Disk use"}
    assert len(re.findall(r"^```sh$", DOCUMENT, re.MULTILINE)) == sum(map(len, blocks().values()))


def test_a_backup_is_whole_and_a_second_one_only_adds(place: Place) -> None:
    back_up, last = blocks()["Back up"]
    place.run(back_up)
    copy = place.root / "backup" / "output"
    assert place.files(copy) == place.files(place.archive)
    (copy / "news" / "kept").write_text("what is gone here must not go there")
    live.crawl(place.archive, live.listing(title="A third"), "2019-10-15T06:00:00Z")
    (copy / "news" / "kept").unlink()
    place.run(back_up)
    assert place.files(copy) == place.files(place.archive)
    assert place.run(last).strip() == list(runlog.read(place.archive))[-1].sha256


def test_a_second_backup_has_a_head_that_changed_in_the_second_of_the_first(place: Place) -> None:
    back_up = blocks()["Back up"][0]
    place.run(back_up)
    head = place.archive / ".runs.head"
    size, seconds = head.stat().st_size, head.stat().st_mtime
    live.crawl(place.archive, live.listing(title="A third"), "2019-10-15T06:00:00Z")
    os.utime(head, (seconds, seconds))
    assert head.stat().st_size == size
    place.run(back_up)
    assert (place.root / "backup" / "output" / head.name).read_bytes() == head.read_bytes()


def test_a_backup_that_a_commit_overtakes_is_sound(place: Place) -> None:
    head, log, rest = blocks()["Back up"][0].split("rsync -a ")[1:]
    begin = blocks()["Back up"][0].split("rsync -a ")[0]
    place.run(f"{begin}rsync -a {head}")
    live.crawl(place.archive, live.listing(title="A third"), "2019-10-15T06:00:00Z")
    place.run(f"{begin}rsync -a {log}")
    live.crawl(place.archive, live.listing(title="A fourth"), "2019-10-22T06:00:00Z")
    assert "news/20191022T060000Z: no line in the run log" in place.run(f"{begin}rsync -a {rest}", 1)
    place.run(blocks()["Back up"][0])
    crawls.sound(place.root / "backup" / "output", deep=False)


def test_the_other_order_would_be_damage(place: Place) -> None:
    """What the document warns of is so: else its order would be superstition."""
    copy = place.root / "copy"
    shutil.copytree(place.archive, copy, symlinks=True)
    live.crawl(place.archive, live.listing(title="A third"), "2019-10-15T06:00:00Z")
    for name in (".runs.head", "runs.jsonl"):
        shutil.copyfile(place.archive / name, copy / name)
    with pytest.raises(AssertionError):
        crawls.sound(copy, deep=False)


def test_what_is_restored_is_what_was_backed_up(place: Place) -> None:
    place.run(blocks()["Back up"][0])
    before = place.files(place.archive)
    damaged = place.archive / "news" / "20191001T060000Z" / "entries.jsonl"
    damaged.write_bytes(damaged.read_bytes()[:-2])
    assert "20191008T060000Z" in place.run(blocks()["Restore"][0])
    assert place.files(place.archive) == before
    [kept] = place.folder.glob("output.damaged-*")
    assert (kept / "news" / "20191001T060000Z" / "entries.jsonl").read_bytes() == damaged.read_bytes()[:-2]


def test_an_archive_that_was_moved_goes_on(place: Place) -> None:
    place.run(blocks()["Move"][0])
    moved = place.root / "new" / "archive"
    live.crawl(moved, live.listing(title="A third"), "2019-10-15T06:00:00Z")
    assert crawls.visible(moved) == {"news": ["20191001T060000Z", "20191008T060000Z", "20191015T060000Z"]}
    assert crawls.visible(place.archive) == {"news": ["20191001T060000Z", "20191008T060000Z"]}


def test_what_is_kept_apart_is_looked_at_and_read_once_more(place: Place) -> None:
    live.crawl(place.archive, live.listing(title="X"), "2019-10-15T06:00:00Z", missed="position 40: no answer")
    # What a run fetched and brought into no snapshot lies at the top of the archive.
    spool = place.archive / ".incomplete-20191022T060000Z"
    spool.mkdir()
    crawls.crawl_here(place.archive)
    kept = place.archive / "home" / "after-20170218T000000Z" / "pages.warc.gz"
    shutil.copyfile(kept, spool / "pages.warc.gz")
    look, again = blocks()["Clear what is kept apart"]
    said = place.run(look)
    assert "kept apart: .incomplete-20191015T060000Z" in said
    assert "-> .incomplete-20191015T060000Z" in said
    assert "Nothing new" in place.run(again)
    assert spool.is_dir()


def test_the_disk_is_looked_at(place: Place) -> None:
    said = place.run(blocks()["Disk use"][0])
    assert "20191008T060000Z" in said
    assert "output/news\n" in said
