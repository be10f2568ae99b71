"""What holds for any past, searched by Hypothesis."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.compare.changes import Comparison
from psgcrawl.archive.history import lives
from psgcrawl.archive.history.chains import claims, follow
from psgcrawl.archive.history.observations import before, unordered
from psgcrawl.archive.history.reach import Reach
from psgcrawl.records import Captured, Entry, Page, replace
from tests.archive.compare.sides import dated, full
from tests.archive.compare.test_properties import entries
from tests.archive.history.past import WHOLE, Past, day, news
from tests.archive.making import page

FIELDS = ("caption", "categories", "dateline", "modified", "summary", "title", "url")


@st.composite
def times(draw: st.DrawFn) -> Captured:
    """A point, an interval, or a lower bound."""
    first = draw(st.integers(1, 20))
    last = draw(st.sampled_from([first, first, first + 1, first + 5, None]))
    return Captured(since=day(first).since, until=None if last is None else day(last).until)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["One", "Two"])), min_size=1, max_size=8))
def test_a_past_in_order_and_seen_whole_is_told_as_it_was(seen: list[tuple[bool, str]]) -> None:
    with TemporaryDirectory() as name:
        past = Past(Path(name))
        names = []
        for number, (there, title) in enumerate(seen, 1):
            names.append(past.see_all(day(number), *([news(1, title=title)] if there else []), news(2)))
        shown = [number for number, (there, _) in enumerate(seen) if there]
        found = {life.id: life for life in past.lives()}
        assert ("news-article-1" in found) == bool(shown)
        if not shown:
            return
        life = found["news-article-1"]
        gone_after, gone_between = len(seen) - 1 - shown[-1], shown[-1] - shown[0] + 1 - len(shown)
        assert life.state == ("removed" if gone_after else "relisted" if gone_between else "listed")
        assert life.confirmed == (gone_after > 1)
        assert (life.first_seen, life.last_seen) == (names[shown[0]], names[shown[-1]])
        assert life.absent_before == (names[shown[0] - 1] if shown[0] else None)
        assert sum(names.index(gap.seen_again) - names.index(gap.last_seen) - 1 for gap in life.gaps) == gone_between
        edits = [(one, two) for one, two in pairwise(shown) if seen[one][1] != seen[two][1]]
        assert [revision.between for revision in life.revisions] == [(names[one], names[two]) for one, two in edits]


@given(st.lists(st.tuples(times(), st.booleans(), st.sampled_from(["One", "Two"])), min_size=1, max_size=6))
def test_nothing_is_claimed_between_observations_whose_order_is_unknown(seen: list[tuple[Captured, bool, str]]) -> None:
    with TemporaryDirectory() as name:
        past = Past(Path(name))
        showing = set()
        for captured, there, title in seen:
            made = past.see_all(captured, *([news(1, title=title)] if there else []), news(2))
            showing |= {made} if there else set()
        captures = {one.name: one.captured for one in past.observations()}
        for life in (life for life in past.lives() if life.id == "news-article-1"):
            assert life.sightings == len(showing)
            if life.state in {"removed", "aged-out"}:
                assert not set(life.evidence[1:]) & showing
                assert all(before(captures[there], captures[life.evidence[1]]) for there in showing)
                assert not life.confirmed or before(captures[life.evidence[1]], captures[life.evidence[2]])
            if life.state == "relisted":
                one, two, three = (captures[name] for name in life.evidence)
                assert before(one, two)
                assert before(two, three)
            if life.absent_before is not None:
                assert all(before(captures[life.absent_before], captures[there]) for there in showing)
            for revision in life.revisions:
                assert revision.ordered == before(*(captures[name] for name in revision.between))
                assert set(revision.between) <= showing
            assert set(life.unordered) <= showing & unordered(past.observations())


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A page somewhere in the listing, as its last or not."""
    found = [one for one in draw(entries()) if one.kind == "entry"]
    fill = draw(st.sampled_from(["2016-12-30", "2017-01-10", "2017-01-12"]))
    position = draw(st.sampled_from([0, 20]))
    return full(*found, position=position, fill=fill) if draw(st.booleans()) else page(*found, position=position)


@given(st.lists(st.tuples(pages(), st.booleans()), min_size=2, max_size=5))
def test_what_is_out_of_reach_is_claimed_by_none(seen: list[tuple[Page, bool]]) -> None:
    with TemporaryDirectory() as name:
        past = Past(Path(name))
        for number, (one, whole) in enumerate(seen, 1):
            past.see(day(number), one, **({"coverage": WHOLE} if whole and one.entries else {}))
        observations = past.observations()
        reach = Reach(observations)
        for sighting in (sighting for chain in follow(observations) for sighting in chain.sightings):
            asked = [claims(observations, rank, sighting) for rank in range(len(observations))]
            for rank in range(len(observations)):
                assert reach.from_on(rank, sighting.reading, sighting.place) or not any(asked[rank:])
                assert reach.up_to(rank, sighting.reading, sighting.place) or not any(asked[:rank])


def test_what_scrolled_off_is_asked_of_no_later_observation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    past = Past(tmp_path)
    part = replace(WHOLE, complete=False, end=None)
    for number in range(1, 25):
        shown = (dated(first, f"2017-01-{first:02d}") for first in range(number, number + 3))
        past.see(day(number), page(*shown), coverage=part)
    asked = []

    def counted(*given: Any) -> bool:
        asked.append(given)
        return claims(*given)

    monkeypatch.setattr(lives, "claims", counted)
    states = [life.state for life in past.lives()]
    assert states == ["listed"] * 3 + ["out-of-view"] * 23
    assert asked == []
    past.see(day(25), page(dated(90, "2017-01-30")), coverage=WHOLE)
    assert {life.state for life in past.lives()} == {"removed", "listed"}
    assert asked


@given(entries(), entries())
def test_of_two_snapshots_history_says_what_diff_says(one: list[Entry], other: list[Entry]) -> None:
    with TemporaryDirectory() as name:
        past = Past(Path(name))
        for number, shown in enumerate((one, other), 1):
            lists = ["notices" if entry.kind == "notice" else "news" for entry in shown]
            past.see_all(day(number), *shown, fields=FIELDS, lists=lists)
        old, new = past.observations()
        changes = list(Comparison(old.side, new.side).changes())
        found = past.lives()
        assert sorted(life.id for life in found if life.state == "removed") == sorted(
            change.id for change in changes if change.change == "removed"
        )
        assert sorted(life.id for life in found if life.absent_before) == sorted(
            change.id for change in changes if change.change == "added"
        )
        assert sorted((life.id, revision.fields) for life in found for revision in life.revisions) == sorted(
            (change.id, change.fields) for change in changes if change.change == "edited"
        )
