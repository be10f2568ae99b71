from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.jsonl import dump_lines
from psgcrawl.archive.ordering import Ordering, place
from psgcrawl.records import Entry
from tests.archive.making import entry
from tests.archive.plain import canonical

IDS = st.sampled_from(["a", "a-2", "a b", "B", "news-article-9", "news-article-10", "é", "\u3000", "\U0001f600"])
DAYS = st.sampled_from([None, "2017-02-18", "2017-02-17", "1999-12-31", "0001-01-01"])
PAGES = st.lists(
    st.lists(st.builds(entry, IDS, title=st.sampled_from(["One", "Óther"]), date_earliest=DAYS), max_size=5), max_size=8
)


def lines_of(entries: Sequence[Entry]) -> list[bytes]:
    return dump_lines(entries).splitlines(keepends=True)


@given(PAGES, st.sampled_from([1, 1000, 2000, 1 << 20]))
def test_entries_come_out_in_canonical_order_each_once_wherever_they_were_held(
    pages: list[list[Entry]], run: int
) -> None:
    different = sorted({line: one for page in pages for one, line in zip(page, lines_of(page), strict=True)}.items())
    expected = lines_of(canonical([one for _, one in different]))
    with Ordering(run) as ordering:
        for page in pages:
            ordering.extend(page, lines_of(page))
        assert list(ordering) == expected
        assert list(ordering) == expected, "as often as it is asked"


@given(st.lists(st.builds(entry, IDS, date_earliest=DAYS), max_size=8))
def test_places_stand_in_canonical_order(entries: list[Entry]) -> None:
    assert [(one.date_earliest, one.id) for one in sorted(entries, key=place)] == [
        (one.date_earliest, one.id) for one in canonical(entries)
    ]


def test_what_is_in_memory_stays_below_the_bound() -> None:
    page = [entry(f"news-article-{number}") for number in range(10)]
    held: list[int] = []
    with Ordering(run=20_000) as ordering:
        for number in range(50):
            shown = [entry(f"{one.id}-{number}") for one in page]
            ordering.extend(shown, lines_of(shown))
            held.append(sum(map(len, ordering._lines)))
        assert max(held) < 20_000
        assert held.count(0) == 10
        assert len(list(ordering)) == 500
