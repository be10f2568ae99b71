"""A report, read back: pages as trees, data of the search as values."""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from lxml import html
from lxml.html import HtmlElement

from psgcrawl.cli import main

_DATA: Final = re.compile(rb"psgcrawlData\((\"[^\"]+\"),(.*)\);\n", re.DOTALL)


def report(archive: Path, path: Path, *collections: str, include_withheld: bool = False) -> Path:
    """Run the command, which must succeed, and return the folder."""
    words = [*collections, "-o", str(path), *(["--include-withheld"] if include_withheld else [])]
    assert main(["--archive", str(archive), "report", *words]) == 0
    return path


def contents(path: Path) -> dict[str, bytes]:
    """Return the bytes of all files by their place."""
    return {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()}


def pages(path: Path) -> dict[str, HtmlElement]:
    """Return all pages as trees, by their place."""
    found = sorted(path.rglob("*.html"))
    return {str(one.relative_to(path)): html.document_fromstring(one.read_bytes().decode("utf-8")) for one in found}


def text(element: HtmlElement) -> str:
    """Return the text of an element, with single spaces, also between its parts."""
    return re.sub(r" (?=[.,;:])", "", " ".join(" ".join(map(str, element.itertext())).split()))


def page_of(path: Path, identity: str) -> HtmlElement:
    """Return the page of the only entry with this first id."""
    [found] = path.glob(f"entries/*/*/{identity}.html")
    return html.document_fromstring(found.read_bytes().decode("utf-8"))


def section(page: HtmlElement, name: str) -> str:
    """Return the text of the section of a page whose heading has this id."""
    [found] = page.xpath(f'//section[@aria-labelledby="{name}"]')
    return text(found)


def target(path: Path, place: str, link: str) -> tuple[Path, str]:
    """Return the file to which a relative link of the page at ``place`` leads, and the fragment."""
    parts = urlsplit(link)
    here = path / place
    there = here if not parts.path else (here.parent / unquote(parts.path)).resolve()
    return there, unquote(parts.fragment)


def data(path: Path, name: str) -> Any:
    """Return the value that a file of the search's data holds."""
    matched = _DATA.fullmatch((path / "data" / f"{name}.js").read_bytes())
    assert matched is not None
    assert json.loads(matched[1]) == name
    return json.loads(matched[2])
