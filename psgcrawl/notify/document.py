"""What is sent."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from msgspec import Meta

from psgcrawl.archive.compare.changes import ChangeName
from psgcrawl.records import Counts, Instant, OutcomeName, Sha256

VERSION: Final = 1
"""Raised when existing readers would break; fields may be added without."""

Event = Literal["change", "trouble", "recovery"]
EVENTS: Final[tuple[Event, ...]] = ("trouble", "recovery", "change")
"""In the order in which those of one run are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a command or a webhook is told."""

    version: Annotated[int, Meta(description="1. Fields may be added within a version.")]
    event: Annotated[
        Event,
        Meta(
            description="`change`: a snapshot was committed that differs from the one before; `trouble`: a run is not "
            "as it should be; `recovery`: the first good run after trouble."
        ),
    ]
    collection: Annotated[str | None, Meta(description="The collection; null where it is of none, or of several.")]
    spider: Annotated[str, Meta(description="The spider.")]
    outcome: Annotated[OutcomeName, Meta(description="What became of the crawl.")]
    reasons: Annotated[list[str], Meta(description="Why, in words, as `runs.jsonl` has them.")]
    problems: Annotated[
        list[str],
        Meta(description="With `trouble`, what the whole run told people on standard error; else empty."),
    ]
    snapshot: Annotated[
        str | None, Meta(description="The snapshot that was committed or confirmed, or the folder kept apart.")
    ]
    previous: Annotated[
        str | None, Meta(description="With `change`, the snapshot before it, by capture time; null: it is the first.")
    ]
    changes: Annotated[
        dict[ChangeName, int] | None,
        Meta(
            description="With `change`, how many changes there are from `previous`, as `psgcrawl diff` counts them; "
            "null where there is none, or where the two were derived by unequal rules."
        ),
    ]
    counts: Annotated[Counts | None, Meta(description="Pages, and entries by kind.")]
    exit_code: Annotated[
        int | None, Meta(description="That of the whole run; null for a run that died and was logged by a later one.")
    ]
    archive: Annotated[str, Meta(description="Folder of the archive.")]
    started: Annotated[Instant, Meta(description="When the run started.")]
    finished: Annotated[Instant, Meta(description="When its outcome was decided.")]
    line: Annotated[
        Sha256 | None,
        Meta(
            description="`sha256` of its line in `runs.jsonl`: the same in every notification of it, and a place for "
            "`psgcrawl export --since`; null where it has none."
        ),
    ]
    software: Annotated[str, Meta(description="What sent it.")]
