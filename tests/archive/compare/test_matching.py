from time import process_time

import pytest

from psgcrawl.archive.compare.matching import MOST_PAIRS, Words, likeness, match
from psgcrawl.records import Entry, replace
from tests.archive.compare.sides import dated

DAY = "2017-01-15"
TITLE = "The government and the mine: a new law for Cajamarca"


def matched(old: list[Entry], new: list[Entry]) -> list[tuple[str, str, str]]:
    """Rule and ids of each match; the mirrored call must give the mirrored pairs."""
    found = [
        (rule, one.id, other.id)
        for rule, one, other in match({one.id: one for one in old}, {one.id: one for one in new})
    ]
    mirrored = [
        (rule, other.id, one.id)
        for rule, one, other in match({one.id: one for one in new}, {one.id: one for one in old})
    ]
    assert sorted(found) == sorted(mirrored)
    return sorted(found)


def hashed(name: str, day: str | None, **given: object) -> Entry:
    return replace(dated(0, day, url=None, **given), id=f"x-{name}")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ({}, {"title": "Entirely other words"}, "address"),
        ({}, {"url": None}, "title"),
        ({"title": "THE GOVERNMENT and the mine – a new law for Cajamarca"}, {"url": None}, "title"),
        ({"title": TITLE.replace("new ", "")}, {"url": None}, "title"),
        ({"title": "Another law for another place and people"}, {"url": None}, None),
        ({"title": TITLE + " 151"}, {"url": None, "title": TITLE + " 152"}, None),
        ({"date_edtf": None}, {"date_edtf": None, "url": None, "summary": "Other"}, None),
        ({"date_edtf": "2011-04-01"}, {"url": None}, "summary"),
        ({"date_edtf": "2011-04-01", "title": TITLE.upper()}, {"url": None}, "summary"),
        ({"date_edtf": "2011-04-01"}, {"url": None, "summary": "Of quite other things"}, None),
        ({"date_edtf": "2011-04-01", "title": TITLE + "!"}, {"url": None}, None),
        ({}, {"kind": "notice"}, None),
    ],
    ids=[
        "address",
        "date-and-title",
        "case-and-dashes",
        "a-word-less",
        "other-title",
        "other-number",
        "no-date-is-no-equal-date",
        "title-and-summary",
        "title-but-for-case",
        "other-summary",
        "a-title-must-be-equal-but-for-case",
        "other-kind",
    ],
)
def test_entries_are_matched_by_the_first_rule_that_fits(
    one: dict[str, object], other: dict[str, object], rule: str | None
) -> None:
    common: dict[str, object] = {"title": TITLE, "summary": "Five words of running text."}
    old = replace(dated(1, DAY, **(common | one)), id="old", url="http://example.org/a")
    new = replace(dated(2, DAY, **({"url": "http://example.org/a"} | common | other)), id="new")
    assert matched([old], [new]) == ([(rule, "old", "new")] if rule else [])


def test_identity_comes_before_everything() -> None:
    old = [dated(1, DAY, title=TITLE), dated(2, DAY, title="Other", url=None)]
    new = [dated(1, DAY, title="Other", url=None), dated(2, "2011-01-01", title=TITLE, url=old[0].url)]
    pairs = [("identity", f"news-article-{number}", f"news-article-{number}") for number in (1, 2)]
    assert matched(old, new) == pairs


@pytest.mark.parametrize("side", ["old", "new"])
def test_an_address_that_occurs_twice_matches_nothing(side: str) -> None:
    url = "http://example.org/subscribe"
    one, other = dated(1, "2017-01-01", title="A", url=url), dated(2, "2017-01-02", title="B", url=url)
    third = dated(3, "2017-01-03", title="C", url=url)
    assert matched(*(([one, other], [third]) if side == "old" else ([third], [one, other]))) == []
    assert matched([one], [third]) == [("address", one.id, third.id)]


def test_the_likest_pair_is_matched_first() -> None:
    words = TITLE.split()
    far, near = hashed("far", DAY, title=" ".join(words[:-1])), hashed("near", DAY, title=TITLE)
    new = hashed("new", DAY, title=TITLE + "!")
    assert matched([far, near], [new]) == [("title", "x-near", "x-new")]
    assert matched([far, near], [new, hashed("less", DAY, title=" ".join(words[1:]))]) == [
        ("title", "x-far", "x-less"),
        ("title", "x-near", "x-new"),
    ]


def test_ties_are_broken_by_bytes() -> None:
    names = ["a", "b", "c"]
    old = [hashed(f"old-{name}", DAY, title=TITLE) for name in names]
    new = [hashed(f"new-{name}", DAY, title=TITLE) for name in names]
    expected = [("title", f"x-old-{name}", f"x-new-{name}") for name in names]
    assert matched(old, new) == matched(old[::-1], new[::-1])
    assert len(matched(old, new)) == len(expected)
    assert matched(old, new)[0][2] == "x-new-a"


def test_where_one_date_has_too_many_entries_only_equal_titles_are_compared() -> None:
    number = int(MOST_PAIRS**0.5) + 1
    titles = [f"{TITLE} {chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(number)]
    old = [hashed(f"old-{place:03d}", DAY, title=title) for place, title in enumerate(titles)]
    new = [hashed(f"new-{place:03d}", DAY, title=title.upper()) for place, title in enumerate(titles)]
    assert matched(old, new) == [("title", f"x-old-{place:03d}", f"x-new-{place:03d}") for place in range(number)]
    assert matched(old, [replace(one, title=one.title + " more") for one in new]) == []
    few = [replace(one, title=one.title + " more") for one in new[: number - 2]]
    assert len(matched(old[: number - 2], few)) == number - 2
    same = [replace(one, title=TITLE) for one in old], [replace(one, title=TITLE) for one in new]
    assert matched(*same) == []


@pytest.mark.thorough
def test_the_work_grows_with_the_number_of_entries_only() -> None:
    def seconds(number: int) -> float:
        old = [hashed(f"o{place}", DAY, title=f"{TITLE} {place}", summary="S") for place in range(number)]
        new = [hashed(f"n{place}", DAY, title=f"{TITLE} {place + number}", summary="S") for place in range(number)]
        start = process_time()
        assert matched(old, new) == []
        return process_time() - start

    # Quadratic work would take a hundred times as long, and most of an hour for the larger.
    assert seconds(5_000) < 60 * seconds(500) + 1


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        ("", "", 1.0),
        ("", "a", 0.0),
        ("!", "?", 0.0),
        ("a b c d", "a b c e", 0.75),
        ("a a a a b", "a b", 4 / 7),
        ("ONE two", "two one", 1.0),
        ("Peru\u0301", "PER\u00da", 1.0),
    ],
)
def test_likeness_counts_common_words(one: str, other: str, like: float) -> None:
    assert float(likeness(Words.of(one), Words.of(other))) == pytest.approx(like)
    assert likeness(Words.of(other), Words.of(one)) == likeness(Words.of(one), Words.of(other))


def test_four_fifths_are_near_and_less_is_not() -> None:
    old = hashed("old", DAY, title="a b c d e f g h i j")
    assert matched([old], [hashed("new", DAY, title="a b c d e f g h k l")]) == [("title", "x-old", "x-new")]
    assert matched([old], [hashed("new", DAY, title="a b c d e f g m k l")]) == []
