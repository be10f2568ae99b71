"""What tests of crawls of posts have in common: what a small WordPress is given, asked for, and closed to."""

import re
from typing import Any

from tests.minisite import Answer
from tests.miniwordpress import MISSING, MiniWordPress, error, made

NEW = made(900, "News of today", "2026-11-20T10:00:00")
OF_LONG_AGO = made(901, "Of long ago", "2009-06-01T10:00:00")
CLOSED = error("rest_forbidden", 403)
FEEDS = ["/feed/", *(f"/feed/?paged={page}" for page in range(2, 9)), "/feed/"]
THEMED = ["/", *(f"/page/{page}/" for page in range(2, 8)), "/"]
BUSY = Answer(b"<html>Briefly unavailable for scheduled maintenance.</html>", 503, headers=(("Retry-After", "0"),))


def asked(site: MiniWordPress) -> list[str]:
    """Return what was asked for since the last time, but for robots.txt; of the API the page, ``poll``, ``newest``."""
    found = [seen.target for seen in site.requests if seen.target != "/robots.txt"]
    site.requests.clear()
    return [_short(target) for target in found]


def _short(target: str) -> str:
    if "orderby=modified" in target:
        return "poll"
    if "orderby=date" in target:
        return "newest"
    page = re.search(r"orderby=id&.*&page=([0-9]+)", target)
    return f"rest {page[1]}" if page else target


def many(number: int) -> dict[int, Any]:
    """Return that many posts."""
    days = {id_: f"{2000 + id_ % 26}-{1 + id_ % 12:02d}-{1 + id_ % 28:02d}" for id_ in range(1000, 1000 + number)}
    return {id_: made(id_, f"Post {id_}", f"{day}T10:00:00", f"It rained on day {id_}.") for id_, day in days.items()}


def open_only(site: MiniWordPress, way: str) -> None:
    """Close the ways before ``way``."""
    site.rest, site.feed = None if way == "rest" else CLOSED, MISSING if way == "theme" else None


def broken(data: bytes, media_type: str) -> Answer:
    return Answer(data, media_type=media_type)


def cut(answer: Answer) -> Answer:
    """Return an answer that breaks off, and says so by its length."""
    return Answer(answer.body[:900], media_type=answer.media_type, headers=(("Content-Length", str(len(answer.body))),))
