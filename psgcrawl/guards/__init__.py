"""Guards: a crawl that ended well can still have brought rubbish. They look at it before it is committed.

Pure: what the crawl saw, what the collection's last live snapshot saw, and the limits go
in; why it must not be committed comes out, in words with figures. ``docs/guards.md`` has
each guard and its setting.

Only live crawls are judged, and only against the last live snapshot: a capture of 2004
and one of 2018 share no entry, and both are right.
"""

from collections.abc import Iterator

from psgcrawl.guards.itself import dates, garbled, repeated, unread
from psgcrawl.guards.limits import Limits
from psgcrawl.guards.past import counts, fields, kept, known, standing
from psgcrawl.guards.refusal import Refusal
from psgcrawl.guards.view import View, last_live

__all__ = ["Limits", "Refusal", "View", "judge", "last_live"]


def judge(now: View, past: View | None, limits: Limits) -> list[Refusal]:
    """Return why the crawl ``now`` must not be committed; nothing when it may be.

    A crawl of which no page could be read says nothing of entries: then nothing else is asked.

    :param past: the last live snapshot of the collection; None where there is none
    """
    found = list(unread(now, limits))
    return found or [*_of_itself(now, past, limits), *(_against(now, past, limits) if past else ())]


def _of_itself(now: View, past: View | None, limits: Limits) -> Iterator[Refusal]:
    if past is None:
        yield from dates(now, limits)
    yield from repeated(now, past, limits)
    yield from garbled(now, past, limits)


def _against(now: View, past: View, limits: Limits) -> Iterator[Refusal]:
    yield from known(now, past, limits)
    yield from kept(now, past, limits)
    yield from standing(now, past, limits)
    yield from counts(now, past, limits)
    yield from fields(now, past, limits)
