"""Where each page of the report lies. Names on disk come from here, never from a page.

An entry's page keeps its place for as long as the entry keeps its key: as long as no
older snapshot is taken in that shows it under another id.
"""

import re
from hashlib import sha256
from typing import Final

from psgcrawl.records import Entry

OVERVIEW: Final = "index.html"
CHANGES: Final = "changes.html"
SEARCH: Final = "search.html"
ABOUT: Final = "about.html"

ASSETS: Final = "assets"
COLLECTIONS: Final = "collections"
DATA: Final = "data"
ENTRIES: Final = "entries"
LISTS: Final = "lists"
FOLDERS: Final = (ASSETS, COLLECTIONS, DATA, ENTRIES, LISTS)
"""Folders in which nothing lies but what the report is made of."""

UNDATED: Final = "undated"
STANDING: Final = "standing"
WITHHELD: Final = "withheld"
"""Lists of entries that print no year, of standing blocks, and of what is withheld on request."""

_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}(?:~[0-9]{1,9})?")


def entry(key: str) -> str:
    """Return where the page of the entry of a key lies.

    One of 256 folders, by its key, so that no folder grows too large for people and for
    copying tools. An id that is none of ours is not used as a name.
    """
    collection, kind, identity = key.split("/", 2)
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    name = identity if _PLAIN.fullmatch(identity) else f"id.{digest[:32]}"
    return f"{ENTRIES}/{collection}/{digest[:2]}/{'' if kind == 'entry' else f'{kind}.'}{name}.html"


def collection(name: str) -> str:
    """Return where the page of a collection lies."""
    return f"{COLLECTIONS}/{name}.html"


def observation(collection_name: str, name: str) -> str:
    """Return where an observation is told of: a row on the page of its collection."""
    return f"{collection(collection_name)}#{anchor(name)}"


def anchor(observation_name: str) -> str:
    """Return the anchor of an observation's row."""
    return f"o-{observation_name}"


def year(of: Entry) -> str:
    """Return in which list of its collection an entry stands: by the first year that it may be of."""
    if of.kind == "boilerplate":
        return STANDING
    return of.date_earliest[:4] if of.date_earliest else UNDATED


def listing(collection_name: str, which: str, part: int = 1) -> str:
    """Return where a list of entries lies; a long one has several parts, from 1."""
    return f"{LISTS}/{collection_name}/{which}{'' if part == 1 else f'-{part}'}.html"


def root(path: str) -> str:
    """Return what leads from a page to the folder of the report.

    >>> root("index.html"), root("entries/news/3f/x.html")
    ('', '../../../')
    """
    return "../" * path.count("/")
