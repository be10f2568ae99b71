"""Numbers of issues that are missing, or that two entries have: questions to a person, not claims.

A missing issue may never have been listed, or stand where no observation looked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from psgcrawl import site
from psgcrawl.archive.history.lives import Life


class Question(Struct, frozen=True, kw_only=True):
    """Something about a series that a person may want to look into."""

    series: Annotated[str, Meta(description="The newsletter.")]
    question: Annotated[
        Literal["missing", "twice"],
        Meta(description="`missing`: no entry has these numbers; `twice`: several entries have this one."),
    ]
    first: Annotated[int, Meta(description="The first number.")]
    last: Annotated[int, Meta(description="The last number; the same as `first` where it is one.")]
    entries: Annotated[
        list[str], Meta(description="The ids of the entries next to what is missing, or of those that share a number.")
    ]


class Issues:
    """The numbers of issues that entries have."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[str, defaultdict[int, list[str]]] = {
            series: defaultdict(list) for series in site.current().series
        }

    def add(self, identity: str, series: str | None, issue: int | None) -> None:
        """Take the number of an entry's last reading."""
        if series is not None and series in self._known and issue is not None:
            self._known[series][issue].append(identity)

    def noted(self, found: Iterable[Life]) -> Iterator[Life]:
        """Yield entries as they come, and take their numbers."""
        for life in found:
            self.add(life.id, life.entry.series, life.entry.issue)
            yield life

    def questions(self) -> list[Question]:
        """Return the questions about them, by series, then by number.

        Before the first and after the last number that was seen, nothing is missing.
        """
        known = self._known
        return [question for series in known for question in sorted(_about(series, known[series]), key=_number)]


def questions(found: Iterable[Life]) -> list[Question]:
    """Return the questions about all entries of a collection."""
    issues = Issues()
    for _ in issues.noted(found):
        pass
    return issues.questions()


def _about(series: str, issues: dict[int, list[str]]) -> Iterator[Question]:
    for number, ids in issues.items():
        if len(ids) > 1:
            yield Question(series=series, question="twice", first=number, last=number, entries=sorted(ids))
    for one, other in pairwise(sorted(issues)):
        if other - one > 1:
            beside = [*sorted(issues[one]), *sorted(issues[other])]
            yield Question(series=series, question="missing", first=one + 1, last=other - 1, entries=beside)


def _number(question: Question) -> tuple[int, str]:
    return question.first, question.question
