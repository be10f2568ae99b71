"""Which entries of different collections are one."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.aliases import Alias, Line, Ref
from psgcrawl.archive.history.linking import Links, link
from psgcrawl.archive.history.lives import Life
from psgcrawl.records import Entry
from tests.archive.compare.sides import dated
from tests.archive.history.past import Past, day
from tests.archive.making import entry

WHEN = "2026-03-09T00:00:00Z"


class Listings:
    """Collections, each of which showed some entries, one snapshot after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.told: dict[str, list[Life]] = {}
        self.notes: list[str] = []

    def show(self, collection: str, *shown: list[Entry]) -> None:
        (self._folder / collection).mkdir()
        past = Past(self._folder / collection)
        for number, entries in enumerate(shown, 1):
            lists = ["notices" if one.kind == "notice" else "news" for one in entries]
            past.see_all(day(number), *entries, lists=lists)
        self.told[collection] = past.lives()

    def link(self, *table: Alias) -> Links:
        self.notes.clear()
        lines = [Line(f"aliases.jsonl:{number}", alias) for number, alias in enumerate(table, 1)]
        return link(self.told, lines, WHEN, self.notes.append)


@pytest.fixture
def listings(tmp_path: Path) -> Listings:
    return Listings(tmp_path)


def said(links: Links) -> list[tuple[str, str, str | None]]:
    """What was found, in short."""

    def name(ref: Ref) -> str:
        return f"{ref.collection}/{ref.id}"

    return [(name(alias.one), name(alias.other), alias.rule) for alias in links.fresh]


def groups(links: Links) -> list[list[str]]:
    return [[f"{one.collection}/{one.life.id}" for one in found.lives] for found in links.entries]


def alias(one: str, other: str, verdict: Any = "linked", **given: Any) -> Alias:
    refs = [Ref(collection=name.split("/")[0], id=name.split("/")[1]) for name in (one, other)]
    return Alias(one=refs[0], other=refs[1], verdict=verdict, **given)


LONG = "one two three four five six seven eight nine ten"


def test_one_detail_page_is_one_entry_whatever_its_title(listings: Listings) -> None:
    listings.show("home", [dated(1, None, title="Cut…")])
    listings.show("news", [dated(1, "2017-01-02", title="The whole title")])
    found = listings.link()
    assert said(found) == [("home/news-article-1", "news/news-article-1", "identity")]
    assert found.fresh[0].evidence == ["home/20180101T060000Z", "news/20180101T060000Z"]
    assert found.fresh[0].when == WHEN
    assert not found.fresh[0].of_a_person


def test_a_detail_page_counts_that_the_entry_once_had(listings: Listings) -> None:
    url = "http://perusupportgroup.org.uk/news-article-1.html"
    listings.show("home", [dated(1, "2017-01-02", title="A title")], [entry("x-1", title="A title", url=url)])
    listings.show("news", [dated(1, "2016-05-05", title="Quite different words")])
    assert [len(life.ids) for life in listings.told["home"]] == [2]
    assert said(listings.link()) == [("home/news-article-1", "news/news-article-1", "identity")]


def test_without_detail_page_address_then_title_then_summary_decide(listings: Listings) -> None:
    there = "http://example.org/there"
    listings.show(
        "home",
        [
            entry("x-1", title="Alpha", url=there),
            entry("x-2", title="A long title about mining", date_edtf="2016-01-01"),
            entry("x-3", title="The very same", summary=LONG, date_edtf=None),
            entry("x-4", title="Nothing like the others", date_edtf=None),
        ],
    )
    listings.show(
        "news",
        [
            entry("x-5", title="Omega", url=there),
            entry("x-6", title="A long title about the mining", date_edtf="2016-01-01"),
            entry("x-7", title="The very same", summary=f"{LONG} more", date_edtf="2016-01-03"),
            entry("x-8", title="Unlike all of these", date_edtf=None),
        ],
    )
    assert said(listings.link()) == [
        ("home/x-1", "news/x-5", "address"),
        ("home/x-2", "news/x-6", "title"),
        ("home/x-3", "news/x-7", "summary"),
    ]


def test_a_hash_of_title_and_date_is_no_detail_page(listings: Listings) -> None:
    listings.show("home", [entry("x-1", title="A title", date_edtf=None, summary="one two")])
    listings.show("news", [entry("x-1", title="A title", date_edtf=None, summary="three four")])
    assert said(listings.link()) == []


def test_kinds_are_not_mixed_and_standing_blocks_are_not_linked(listings: Listings) -> None:
    listings.show("home", [entry("x-1", title="T", kind="notice"), entry("x-2", title="B", kind="boilerplate")])
    listings.show("news", [entry("x-3", title="T"), entry("x-4", title="B", kind="boilerplate")])
    assert said(listings.link()) == []
    listings.show("other", [entry("x-5", title="T", kind="notice")])
    assert said(listings.link()) == [("home/x-1", "other/x-5", "title")]


def test_an_entry_in_three_collections_is_one(listings: Listings) -> None:
    for name in ("articles", "home", "posts"):
        listings.show(name, [dated(1, "2017-01-02"), dated({"articles": 2, "home": 3, "posts": 4}[name], "2015-01-01")])
    found = listings.link()
    assert groups(found) == [["articles/news-article-1", "home/news-article-1", "posts/news-article-1"]]
    assert len(found.entries[0].links) == 3


def test_a_second_run_finds_nothing_new_and_says_the_same(listings: Listings) -> None:
    for name in ("articles", "home", "posts"):
        listings.show(name, [dated(1, "2017-01-02"), entry("x-1", title="One title")])
    first = listings.link()
    second = listings.link(*first.fresh)
    assert len(first.fresh) == 6
    assert second.fresh == []
    assert second.entries == first.entries


def test_what_a_person_forbids_is_not_linked_and_the_next_best_is(listings: Listings) -> None:
    listings.show("home", [entry("x-1", title="one two three four five")])
    same = {"title": "one two three four five"}
    listings.show(
        "news", [entry("x-2", **same), entry("x-3", title="one two three four five six", date_edtf="2017-02-17")]
    )
    assert said(listings.link()) == [("home/x-1", "news/x-2", "title")]
    no = alias("news/x-2", "home/x-1", "forbidden", by="R. Reader", reason="two events")
    found = listings.link(no)
    assert said(found) == [("home/x-1", "news/x-3", "title")]
    assert found.forbidden == [no]


@pytest.mark.parametrize("rule", ["identity", "address"])
def test_every_rule_obeys(listings: Listings, rule: str) -> None:
    url = "http://example.org/there"
    made = {"identity": dated(1, "2017-01-02"), "address": entry("x-1", url=url)}[rule]
    other = made if rule == "identity" else entry("x-2", title="Another", url=url, summary="words")
    listings.show("home", [made])
    listings.show("news", [other])
    assert [rule_ for *_, rule_ in said(listings.link())] == [rule]
    assert listings.link(alias(f"home/{made.id}", f"news/{other.id}", "forbidden")).entries == []


def test_a_person_goes_before_what_was_found_wherever_the_line_stands(listings: Listings) -> None:
    listings.show("home", [dated(1, "2017-01-02")])
    listings.show("news", [dated(1, "2017-01-02")])
    (found,) = listings.link().fresh
    no = alias("home/news-article-1", "news/news-article-1", "forbidden")
    yes = alias("home/news-article-1", "news/news-article-1", by="R. Reader")
    for table, linked in (([found, no], 0), ([no, found], 0), ([no, yes], 1), ([yes, no], 0), ([no, yes, found], 1)):
        links = listings.link(*table)
        assert (len(links.entries), links.fresh) == (linked, [])
    assert listings.link(no, yes).entries[0].links == [yes]


def test_a_person_can_link_what_no_rule_would_and_it_is_taken(listings: Listings) -> None:
    listings.show("home", [entry("x-1", title="Alpha"), entry("x-3", title="Beta")])
    listings.show("news", [entry("x-2", title="Beta")])
    assert said(listings.link()) == [("home/x-3", "news/x-2", "title")]
    yes = alias("home/x-1", "news/x-2", by="R. Reader")
    found = listings.link(yes)
    assert (said(found), groups(found)) == ([], [["home/x-1", "news/x-2"]])


def test_what_is_forbidden_is_not_joined_in_a_roundabout_way(listings: Listings) -> None:
    listings.show("articles", [dated(1, "2017-01-02")])
    listings.show("home", [dated(1, "2017-01-02")])
    listings.show("posts", [entry("x-1", title=dated(1, None).title, date_edtf="2017-01-02")])
    no = alias("articles/news-article-1", "posts/x-1", "forbidden")
    found = listings.link(no)
    assert groups(found) == [["articles/news-article-1", "home/news-article-1"]]
    assert listings.notes == [
        "home/news-article-1 and posts/x-1: their link is left out, for it would join what a person forbids to join"
    ]


def test_a_line_about_what_is_not_there_has_no_effect_and_is_noted(listings: Listings) -> None:
    listings.show("home", [dated(1, "2017-01-02")])
    assert listings.link(alias("home/news-article-1", "news/news-article-1", "forbidden")).forbidden == []
    assert listings.notes == ["aliases.jsonl:1: no entry 'news-article-1' in 'news': the line has no effect"]


def test_the_order_of_the_collections_does_not_matter(listings: Listings) -> None:
    listings.show("b", [entry("x-1", title="A title"), dated(1, "2016-02-02")])
    listings.show("a", [entry("x-2", title="A title"), dated(1, "2016-02-02")])
    first = listings.link()
    listings.told = dict(reversed(listings.told.items()))
    assert listings.link() == first
    assert said(first) == [("a/news-article-1", "b/news-article-1", "identity"), ("a/x-2", "b/x-1", "title")]


def test_nothing_gives_nothing(listings: Listings) -> None:
    found = listings.link()
    assert (found.fresh, found.entries, found.linked, found.forbidden) == ([], [], {}, [])


class _Unread(Sequence[Life]):
    """Lives that nobody may read."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: Any) -> Any:
        raise AssertionError(index)


def test_a_collection_to_which_nothing_could_be_linked_is_not_read() -> None:
    assert link({"news": _Unread()}, [], WHEN, print).fresh == []


class _ReadAnew(Sequence[Life]):
    """Lives of which each is another object whenever it is read."""

    def __init__(self, lives: list[Life]) -> None:
        self._lives = lives

    def __len__(self) -> int:
        return len(self._lives)

    def __getitem__(self, index: Any) -> Any:
        return copy.deepcopy(self._lives[index])


def test_what_is_found_does_not_depend_on_lives_being_held(listings: Listings) -> None:
    listings.show("home", [dated(1, "2017-01-02", title="One"), entry("x-1", title="Two"), entry("x-2", title=LONG)])
    listings.show("news", [dated(1, None, title="1"), entry("x-3", title="two"), entry("x-4", title=LONG.title())])
    table = [alias("home/x-1", "news/x-4", "forbidden", by="A person")]
    held = listings.link(*table)
    listings.told = {name: _ReadAnew(lives) for name, lives in listings.told.items()}  # type: ignore[misc]
    anew = listings.link(*table)
    assert (anew.fresh, anew.entries, anew.linked) == (held.fresh, held.entries, held.linked)
    assert sorted(rule or "" for _, _, rule in said(anew)) == ["identity", "title", "title"]


def test_what_is_forbidden_stands_in_the_order_of_the_table(listings: Listings) -> None:
    numbers = range(9)
    listings.show("home", [dated(number, None, title=f"{number}") for number in numbers])
    listings.show("news", [dated(number, None, title=f"{number}") for number in numbers])
    table = [alias(f"home/news-article-{n}", f"news/news-article-{n}", "forbidden") for n in (4, 0, 8, 3, 7, 1)]
    assert listings.link(*table).forbidden == table
