"""The profile of a site: one place for what is the site's alone, and nobody is left behind when it changes."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import psgcrawl
from psgcrawl import datelines, derive, site, urls
from psgcrawl.archive.coverage import coverage
from psgcrawl.layouts import parts
from psgcrawl.records import Captured, Dated, Page, RawEntry, replace
from psgcrawl.site import GROUP, Listing
from psgcrawl.webarchive import queries
from psgcrawl.webarchive.captures import wanted
from psgcrawl.webarchive.rows import Row

PACKAGE = Path(psgcrawl.__file__).parent
OWN = re.compile(
    r"perusupport|peru.?support|peru news|\bnews\.php|articles\.php|news-article|europe/london|\b1983\b"
    r"|featured notice",
    re.IGNORECASE,
)
ALONE = frozenset({"news", "articles", "Update"})
"""Words that mean something of the group's where they stand alone."""
AT_HOME = frozenset({"site/group.py", "spiders/news.py", "spiders/articles.py", "spiders/home.py"})
"""The profile, and the spiders of the listings that it names."""

OTHER = replace(
    GROUP,
    name="Red Andina",
    called="Red Andina",
    host="redandina.example",
    listings=(
        Listing(name="actas", paths=("/Ver.php?tipo=1",), parameter="pagina", step=5, first_page=1),
        Listing(name="notas", paths=("/ver.php",), parameter="desde", step=5, headings=frozenset({"Últimas notas:"})),
    ),
    detail=r"/nota\.php\?id=(?P<id>[0-9a-z/-]+)",
    detail_hint="",
    series={"Boletín": ("bol",)},
    wordpress="https://redandina.example/blog/",
    wordpress_since=None,
)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that it works with: no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def modules() -> list[str]:
    return sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))


def test_no_module_but_the_profile_names_the_group() -> None:
    found = [
        f"{name}:{line}: {value:.60}"
        for name in modules()
        if name not in AT_HOME and "samples/" not in name
        for line, value in strings(PACKAGE / name)
        if OWN.search(value) or value in ALONE
    ]
    assert found == []


def test_the_profile_does_name_it() -> None:
    assert {value for _, value in strings(PACKAGE / "site" / "group.py")} >= ALONE | {"position"}
    assert any(OWN.search(value) for _, value in strings(PACKAGE / "site" / "group.py"))


def test_no_template_names_it_either() -> None:
    found = [path for path in (PACKAGE / "exports").rglob("*") if path.suffix in {".html", ".js", ".css", ".svg"}]
    assert {path.name for path in found} >= {"overview.html", "entry.html", "report.css"}
    assert [path.name for path in found if OWN.search(path.read_text("utf-8"))] == []


def test_what_was_remembered_is_forgotten_with_its_profile() -> None:
    asked = "http://www.redandina.example/nota.php?id=Acta-7"

    def answers() -> list[object]:
        return [
            urls.canonical(f"{asked}&sid=1", None),
            urls.link_identity(asked, None),
            urls.listing_page("http://redandina.example/ver.php?tipo=1&pagina=3"),
            datelines.parse("Boletín 12. 3 de mayo de 2019"),
            parts.list_heading("Últimas notas"),
            parts.list_heading("News"),
        ]

    before = answers()
    with site.using(OTHER):
        inside = answers()
    assert answers() == before
    assert before[:3] == ["http://www.redandina.example/nota.php?id=Acta-7", None, None]
    assert (before[3], before[4:]) == (None, [None, "news"])
    dated = inside.pop(3)
    assert isinstance(dated, Dated)
    assert (dated.series, dated.issue, dated.edtf) == ("Boletín", 12, "2019-05-03")
    assert inside == [
        "http://redandina.example/nota.php?id=Acta-7",
        "acta-7",
        urls.ListingPage("actas", 10),
        "notas",
        None,
    ]


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("/nota.php?id=12", "entry-12"),
        ("/nota.php?id=x-12", "entry-x-12"),
        ("/nota.php?id=post-12", "entry-post-12"),
        ("/nota.php?id=../etc", None),
        ("/nota.php?id=a--b", None),
        ("/nota.php", None),
    ],
)
def test_an_identity_is_a_word_that_can_be_taken_for_no_other(url: str, identity: str | None) -> None:
    with site.using(OTHER):
        assert urls.link_identity(f"https://redandina.example{url}", None) == identity


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("/ver.php", ("notas", 0)),
        ("/VER.php?desde=15", ("notas", 15)),
        ("/ver.php?tipo=1", ("actas", 0)),
        ("/ver.php?pagina=2&tipo=1", ("actas", 5)),
        ("/ver.php?pagina=0&tipo=1", None),
        ("/ver.php?tipo=2&desde=5", ("notas", 5)),
        ("/", None),
    ],
)
def test_the_listing_with_most_parameters_of_its_own_has_an_address(url: str, found: tuple[str, int] | None) -> None:
    with site.using(OTHER):
        here = urls.listing_page(f"https://redandina.example{url}")
        assert here == (urls.ListingPage(*found) if found else None)


def test_the_address_that_is_asked_for_is_that_of_its_position() -> None:
    actas, notas = OTHER.listings
    assert [actas.target(position) for position in (0, 5, 6)] == [
        "/Ver.php?tipo=1",
        "/Ver.php?tipo=1&pagina=2",
        "/Ver.php?tipo=1&pagina=3",
    ]
    assert [notas.target(position) for position in (0, 7)] == ["/ver.php", "/ver.php?desde=7"]


def test_a_profile_can_be_handed_to_another_process() -> None:
    urls.listing_page(OTHER.address)
    again = pickle.loads(pickle.dumps(OTHER))  # noqa: S301 - our own
    assert (again.names, again.series) == (("actas", "notas", "posts"), OTHER.series)
    with site.using(again):
        assert urls.listing_page(f"{OTHER.address}ver.php") == urls.ListingPage("notas", 0)


def test_the_index_of_a_web_archive_is_asked_for_the_listings_of_the_profile() -> None:
    with site.using(OTHER):
        asked = [(query.listing, query.url, query.match) for query in queries.queries(OTHER.names, queries.EVER)]
        taken = {
            url: _positions(url) for url in ("/blog/", "/blog/page/2/", "/", "/ver.php?desde=5", "/ver.php?tipo=1")
        }
    assert asked == [
        ("actas", "redandina.example/Ver.php", "prefix"),
        ("notas", "redandina.example/ver.php", "prefix"),
        ("posts", "redandina.example/blog/", "exact"),
        ("posts", "redandina.example/blog/page", "prefix"),
        ("posts", "redandina.example/blog/feed", "prefix"),
        ("posts", "redandina.example/blog/wp-json/wp/v2/posts", "prefix"),
    ]
    assert taken == {
        "/blog/": {"posts": None},
        "/blog/page/2/": {"posts": None},
        "/": {},
        "/ver.php?desde=5": {"notas": 5},
        "/ver.php?tipo=1": {"actas": 0},
    }


def _positions(target: str) -> dict[str, int | None]:
    row = Row(
        urlkey="",
        stamp="20120101000000",
        url=f"http://www.redandina.example{target}",
        mime="text/html",
        status=200,
        digest=None,
    )
    found = [one for name in OTHER.names for one in wanted(name, [row], queries.EVER)]
    return {one.listing: one.position for one in found}


def page(position: int, entries: int) -> Page:
    """Return a page of the listing of notes that shows as many entries."""
    numbers = range(entries)
    shown = tuple(RawEntry(kind="entry", list=None, title=f"{position}/{n}", summary="", href=None) for n in numbers)
    return derive.read(
        Page(
            collection="notas",
            url=f"https://redandina.example/ver.php?desde={position}",
            place="x",
            captured=Captured(since="2024-01-01T00:00:00Z", until="2024-01-01T00:00:00Z"),
            captured_basis="crawl",
            source="live",
            status=200,
            media_type="text/html",
            encoding="utf-8",
            encoding_basis="declared",
            sha256="",
            payload_digest="",
            layout="html",
            fields=(),
            position=position,
            raw=shown,
            problems=(),
        )
    )


def test_a_page_is_full_with_as_many_entries_as_its_listing_says() -> None:
    with site.using(OTHER):
        found = coverage("notas", [page(0, 5), page(5, 5), page(10, 2)])
        assert (found.complete, found.end, found.positions) == (True, "short-page", [(0, 10)])
        assert coverage("notas", [page(0, 5), page(10, 2)]).gaps == [(5, 5)]
        assert not coverage("notas", [page(0, 4), page(5, 2)]).complete
