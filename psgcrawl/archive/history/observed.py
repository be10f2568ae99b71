"""An observation as it is told to others."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from psgcrawl.archive.history.observations import Observation, unordered
from psgcrawl.records import Captured


class Observed(Struct, frozen=True, kw_only=True):
    """An observation as ``psgcrawl history --json`` lists it."""

    name: Annotated[
        str, Meta(description="That of the snapshot; `SNAPSHOT@TIME` for a later run that found it unchanged.")
    ]
    snapshot: Annotated[str, Meta(description="The snapshot that holds what was seen.")]
    captured: Annotated[Captured, Meta(description="First and last capture; `to` null when unknown.")]
    run: Annotated[
        str | None, Meta(description="When the run that found the snapshot unchanged started; null for the snapshot.")
    ]
    whole: Annotated[
        bool, Meta(description="Whether all of the snapshot was seen again; if not, no absence is claimed by it.")
    ]
    ordered: Annotated[bool, Meta(description="Whether its order against every other observation is known.")]
    webarchive: Annotated[
        str | None, Meta(description="The web archive in which it was seen; null for what was crawled or given.")
    ]


def observed(observations: Sequence[Observation]) -> Iterator[Observed]:
    """Yield the observations in their order."""
    doubtful = unordered(observations)
    for one in observations:
        yield Observed(
            name=one.name,
            snapshot=one.side.name,
            captured=one.captured,
            run=one.run,
            whole=one.whole,
            ordered=one.name not in doubtful,
            webarchive=one.facts.webarchive,
        )
