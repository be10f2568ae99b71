"""Collections with a past that is logged, and what is exported of them."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.store import Snapshot
from psgcrawl.cli import main
from psgcrawl.records import Captured, Entry, Page
from tests.archive.history.past import Past, day, news, since
from tests.archive.making import line

HOSTILE: Final = (
    "=cmd|'/C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "   =1+1",
    "\uff1d1+1",
    "\u200b\u202e=1+1",
    "'quoted",
    '"quoted", twice',
    "a\x00b\x07c\x1b[31m",
    "line\u2028separator\u2029\x85end",
    "carriage\r\nreturn\r",
    "<script>alert(1)</script> & ]]> <![CDATA[",
    "\u202egnp.exe\u2066",
    "\ufffe\uffff\U0001f600",
    "huge " * 40_000,
)
"""Titles, each of which means something to some program."""


class Told(Past):
    """As a past, with a line in the log for each snapshot."""

    def see(self, captured: Captured, *pages: Page, **given: Any) -> str:
        """Add the snapshot of these pages, and log it; return its name."""
        name = super().see(captured, *pages, **given)
        self.log(name)
        return name

    def log(self, name: str) -> str:
        """Add a line for a snapshot to the log; return its place."""
        manifest = Snapshot(self.folder / name).manifest()
        runlog.append(self.archive.folder, line(snapshot=name, manifest_sha256=manifest.sha256))
        return self.places()[-1]

    def places(self) -> list[str]:
        """Return the places of all lines of the log."""
        return [one.sha256 for one in runlog.read(self.archive.folder)]


def four_weeks(told: Told) -> None:
    """Let entries come, change, go and come back: 1 stays, 2 is edited, 3 is removed, 4 comes back, 5 is new."""
    told.see_all(day(1), news(1), news(2), news(3), news(4))
    told.see_all(day(8), news(1), news(2, title="Minería en el Perú"), news(3), news(5))
    told.see_all(day(15), news(1), news(2, title="Minería en el Perú"), news(4), news(5))
    told.again("20180115T060000Z", day(22))


def hostile(told: Told) -> None:
    """Let entries be listed that are called, and say, what some program would obey; then two of them change."""
    entries = [
        news(number, title=title, summary=f"{title}\n\n{title}", dateline=title, caption=title)
        for number, title in enumerate(HOSTILE, 1)
    ]
    told.see_all(day(1), *entries)
    told.see_all(day(8), news(1, title="<b>=1</b>"), *entries[2:])


def export(archive: Path, path: Path, *words: str) -> bytes:
    """Run the command, which must succeed, and return the file."""
    assert main(["--archive", str(archive), "export", *words, "-o", str(path)]) == 0
    return path.read_bytes()


def refused(archive: Path, path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run the command, which must fail and leave no file, and return what it says."""
    assert main(["--archive", str(archive), "export", *words, "-o", str(path)]) == 2
    assert not path.exists()
    return capsys.readouterr().err


def lines(data: bytes) -> list[dict[str, Any]]:
    """Return the objects of lines of JSON."""
    return [json.loads(one) for one in data.splitlines()]


__all__ = ["HOSTILE", "Entry", "Told", "day", "export", "four_weeks", "hostile", "lines", "news", "refused", "since"]
