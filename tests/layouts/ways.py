"""The ways to read one WordPress, side by side, for tests on recorded answers and on a real server."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict

from psgcrawl.records import Entry, Page
from tests.service.wordpress.posts import PUBLISHED

ALWAYS = ("id", "kind", "date_earliest", "date_latest", "date_edtf", "series", "issue", "caption", "dateline", "flags")
"""What every way shows, beside its ``fields``."""

CONTINUED = "What everyone sees. What comes later."
TYPED = 'She said "no" and it\'s final...'
DIFFERENT: dict[str, dict[str, dict[str, str]]] = {
    # The feed shows what comes after "more", and what was typed by hand without typography.
    "wordpress-feed": {"post-312": {"summary": CONTINUED}, "post-321": {"summary": TYPED}},
    "wordpress-theme": {},
    # Its excerpt is one paragraph.
    "twentytwentythree": {"post-310": {"summary": "Un extracto con acentos y más. Y otro párrafo."}},
}
"""Where a way shows other words than the REST API does."""


def by_id(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    """Return each entry of the pages once, by its id, with what every page of them shows."""
    listed = list(pages)
    fields = set.intersection(*(set(page.fields) for page in listed if page.entries))
    shown = [asdict(entry) for page in listed for entry in page.entries]
    return {entry["id"]: {name: entry[name] for name in (*ALWAYS, *sorted(fields))} for entry in shown}


def as_far_as(
    shown: dict[str, dict[str, Any]], whole: dict[str, dict[str, Any]], way: str
) -> dict[str, dict[str, Any]]:
    """Return what ``shown`` must be by the word of ``whole``, which shows more of every entry."""
    names = next(iter(shown.values())).keys()
    return {
        id_: {name: DIFFERENT[way].get(id_, {}).get(name, entry[name]) for name in names}
        for id_, entry in whole.items()
    }


def wrong(entries: Iterable[Entry], untitled: str) -> list[str]:
    """Say which entries are not as their posts were typed.

    :param untitled: what the theme prints for an empty title
    """
    found = {entry.id: entry for entry in entries}
    out = [f"post-{post.id} is missing" for post in PUBLISHED if f"post-{post.id}" not in found]
    out += [f"{id_} is too much" for id_ in found.keys() - {f"post-{post.id}" for post in PUBLISHED}]
    for post in PUBLISHED:
        entry = found.get(f"post-{post.id}")
        if entry is None:
            continue
        expected = {
            "title": post.shown or untitled,
            "date_edtf": post.date[:10],
            "categories": sorted(post.categories),
            "modified": None if post.modified is None else post.modified.replace(" ", "T") + "Z",
            "summary": post.summary,
        }
        differ = {name: value for name, value in expected.items() if getattr(entry, name) != value}
        if post.modified is None:
            differ.pop("modified", None)
        if post.summary is None:
            differ.pop("summary", None)
        out += [f"{entry.id}: {name} {getattr(entry, name)!r} is not {value!r}" for name, value in differ.items()]
    return out
