"""How entries and their edits look for people: one line each, changed words marked."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from psgcrawl.archive.compare import words
from psgcrawl.records import Entry
from psgcrawl.visible import visible

Style = Callable[[str, str], str]
"""Marks a text as ``old``, ``new`` or ``head``."""

_COLOURS: Final = {"old": "31", "new": "32", "head": "1"}
_CONTEXT: Final = 6
"""Words that are shown on either side of changed ones."""


def marked() -> Style:
    """Return what marks old and new words and headings: by colour on a terminal, else by signs."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return lambda mark, text: f"\x1b[{_COLOURS[mark]}m{text}\x1b[0m"
    signs = {"old": "[-{}-]", "new": "{{+{}+}}", "head": "{}"}
    return lambda mark, text: signs[mark].format(text)


def heading(entry: Entry) -> str:
    """Return in one line which entry is meant."""
    kind = "" if entry.kind == "entry" else f"{entry.kind}: "
    date = entry.dateline or "(no dateline)"
    return f"{kind}{visible(date)} | {visible(entry.title)} [{visible(entry.id)}]"


def edit(old: str | None, new: str | None, style: Style) -> str:
    """Return both values as one line, changed words marked; a paragraph's end is ¶."""
    if old is None or new is None:
        return " ".join(style(mark, _joined([text])) for mark, text in (("old", old), ("new", new)) if text)
    runs = list(words.changed(old, new))
    parts = []
    for number, (mark, run) in enumerate(runs):
        if mark == "same":
            parts.append(_joined(_shortened(run, first=number == 0, last=number == len(runs) - 1)))
        else:
            parts.append(style(mark, _joined(run)))
    return " ".join(parts)


def _shortened(run: list[str], *, first: bool, last: bool) -> list[str]:
    """Return words that did not change without those that are far from any that did."""
    before = [] if first else run[:_CONTEXT]
    after = [] if last else run[-_CONTEXT:]
    if len(run) <= len(before) + len(after) + 1:
        return run
    return [*before, "…", *after]


def _joined(run: Sequence[str]) -> str:
    return visible(" ".join("¶" if word.isspace() else word for word in run).replace("\n", " ¶ "))
