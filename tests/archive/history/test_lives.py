"""The rules and the boundary cases of docs/history.md."""

import re
from pathlib import Path

import pytest

from psgcrawl.archive.history.lives import STATES
from psgcrawl.errors import DamagedData, UsageError
from psgcrawl.records import DERIVATION, replace
from tests.archive.compare.sides import dated, full, with_derivation
from tests.archive.history.past import WHOLE, Past, day, news, since
from tests.archive.making import at, entry, page


def test_an_entry_that_is_still_there_is_listed(past: Past) -> None:
    names = [past.see_all(day(number), news(1)) for number in (1, 2, 3)]
    life = past.life(1)
    assert (life.state, life.confirmed, life.evidence) == ("listed", False, [names[2]])
    assert (life.first_seen, life.last_seen, life.sightings) == (names[0], names[2], 3)
    assert (life.absent_before, life.unordered, life.revisions, life.gaps) == (None, [], [], [])


def test_an_entry_that_came_later_was_absent_before(past: Past) -> None:
    names = [past.see_all(day(1), news(1)), past.see_all(day(2), news(1)), past.see_all(day(3), news(1), news(2))]
    life = past.life(2)
    assert (life.state, life.absent_before, life.first_seen) == ("listed", names[1], names[2])


def test_before_a_part_that_did_not_see_its_place_it_may_have_been_listed(past: Past) -> None:
    past.see(day(1), full(dated(9, "2016-01-20"), fill="2016-01-15"))
    past.see_all(day(2), news(1))
    assert past.life(1).absent_before is None


def test_one_observation_without_it_removes_and_two_in_a_row_confirm(past: Past) -> None:
    names = [past.see_all(day(1), news(1), news(2)), past.see_all(day(2), news(1))]
    life = past.life(2)
    assert (life.state, life.confirmed, life.evidence) == ("removed", False, names)
    names.append(past.see_all(day(3), news(1)))
    past.see_all(day(4), news(1))
    life = past.life(2)
    assert (life.state, life.confirmed, life.evidence) == ("removed", True, names)


def test_an_observation_that_did_not_see_its_place_neither_confirms_nor_interrupts(past: Past) -> None:
    elsewhere = full(dated(9, "2016-01-20"), fill="2016-01-15")
    first = past.see_all(day(1), news(1), news(2))
    gone = past.see_all(day(2), news(1))
    past.see(day(3), elsewhere)
    assert (past.life(2).state, past.life(2).confirmed) == ("removed", False)
    confirming = past.see_all(day(4), news(1))
    assert past.life(2).confirmed
    assert past.life(2).evidence == [first, gone, confirming]


def test_two_captures_that_overlap_do_not_confirm_each_other(past: Past) -> None:
    past.see_all(day(1), news(1), news(2))
    for _ in range(2):
        past.see_all(at("2018-01-02T00:00:00Z", "2018-01-03T00:00:00Z"), news(1))
    assert (past.life(2).state, past.life(2).confirmed) == ("removed", False)


def test_what_scrolled_off_is_out_of_view_however_often(past: Past) -> None:
    edges = dated(20, "2017-01-20"), dated(10, "2017-01-10")
    first = past.see(day(1), full(dated(1, "2012-01-01"), *edges))
    second = past.see(day(2), full(*edges))
    past.see(day(3), full(*edges))
    life = past.life(1)
    assert (life.state, life.confirmed, life.evidence) == ("out-of-view", False, [first, second])


def test_what_is_gone_from_the_old_end_of_a_list_of_recent_entries_aged_out(past: Past) -> None:
    coverage = replace(WHOLE, listing="posts")

    def see(number: int, *entries: int) -> str:
        shown = [dated(entry, f"2017-01-{entry:02d}") for entry in entries]
        return past.see(day(number), page(*shown, lists=["posts"] * len(shown)), listing="posts", coverage=coverage)

    names = [see(1, 12, 11, 10), see(2, 13, 12, 11), see(3, 13, 12, 11)]
    life = past.life(10)
    assert (life.state, life.confirmed, life.evidence) == ("aged-out", True, names)
    assert past.life(11).state == "listed"


def test_what_is_there_again_is_relisted(past: Past) -> None:
    names = [past.see_all(day(1), news(1)), past.see_all(day(2)), past.see_all(day(3)), past.see_all(day(4), news(1))]
    life = past.life(1)
    assert (life.state, life.evidence) == ("relisted", [names[0], names[1], names[3]])
    assert [(gap.last_seen, gap.absent, gap.seen_again) for gap in life.gaps] == [(names[0], names[1], names[3])]
    past.see_all(day(5))
    assert past.life(1).state == "removed"


def test_what_was_not_looked_for_in_between_was_never_gone(past: Past) -> None:
    past.see_all(day(1), news(1))
    past.see(day(2), full(dated(9, "2016-01-20"), fill="2016-01-15"))
    past.see_all(day(3), news(1))
    assert (past.life(1).state, past.life(1).gaps) == ("listed", [])


# --- unknown times ------------------------------------------------------------------------


def test_a_capture_of_unknown_time_that_shows_it_forbids_to_call_it_removed(past: Past) -> None:
    unknown = past.see(since(2), full(news(1)))
    seen = past.see_all(day(3), news(1))
    gone = past.see_all(day(4))
    past.see_all(day(5))
    life = past.life(1)
    assert (life.state, life.evidence, life.unordered) == ("out-of-view", [seen, gone], [unknown])
    assert life.last_seen == seen


def test_the_evidence_for_doubt_is_what_saw_the_place_without_it_rather_than_what_did_not_see_it(past: Past) -> None:
    past.see(since(2), full(news(1)))
    seen = past.see_all(day(3), news(1))
    past.see(day(4), full(dated(9, "2016-01-20"), fill="2016-01-15"))
    gone = past.see_all(day(5))
    assert (past.life(1).state, past.life(1).evidence) == ("out-of-view", [seen, gone])


def test_what_only_a_capture_of_unknown_time_shows_is_not_removed_by_a_later_bound(past: Past) -> None:
    unknown = past.see(since(2), full(news(1)))
    assert past.life(1).state == "listed"
    gone = past.see_all(day(4))
    assert (past.life(1).state, past.life(1).evidence) == ("out-of-view", [unknown, gone])
    assert past.life(1).absent_before is None


def test_a_capture_of_unknown_time_removes_what_was_seen_before_its_bound(past: Past) -> None:
    names = [past.see_all(day(1), news(1)), past.see_all(since(2))]
    assert (past.life(1).state, past.life(1).evidence) == ("removed", names)
    past.see_all(day(3), news(1))
    assert (past.life(1).state, past.life(1).gaps) == ("listed", [])


def test_captures_of_unknown_time_that_differ_only_differ(past: Past) -> None:
    names = [past.see(since(1), full(news(1, title="One"))), past.see(since(2), full(news(1, title="Two")))]
    life = past.life(1)
    (revision,) = life.revisions
    assert (revision.between, revision.ordered, revision.fields) == (tuple(names), False, ["title"])
    assert (life.state, life.first_seen, life.unordered) == ("listed", names[0], [names[1]])


def test_a_capture_of_unknown_time_that_agrees_with_the_timeline_adds_no_revision(past: Past) -> None:
    past.see_all(day(1), news(1, title="One"))
    unknown = past.see(since(2), full(news(1, title="One")))
    past.see_all(day(3), news(1, title="Two"))
    life = past.life(1)
    assert len(life.revisions) == 1
    assert life.revisions[0].ordered
    assert life.unordered == [unknown]


def test_a_third_reading_at_an_unknown_time_is_kept_with_its_bound(past: Past) -> None:
    names = [past.see_all(day(1), news(1, title="One")), past.see_all(day(3), news(1, title="Two"))]
    unknown = past.see(since(2), full(news(1, title="Three")))
    first, second = past.life(1).revisions
    assert (first.between, first.ordered) == (tuple(names), True)
    assert (second.between, second.ordered, second.new.title) == ((names[0], unknown), True, "Three")


# --- revisions ----------------------------------------------------------------------------


def test_a_revision_is_bounded_by_the_sightings_next_to_it(past: Past) -> None:
    past.see_all(day(1), news(1, title="One"))
    names = [past.see_all(day(2), news(1, title="One")), past.see_all(day(3), news(1, title="Two", summary="New."))]
    past.see_all(day(4), news(1, title="Two", summary="New."))
    (revision,) = past.life(1).revisions
    assert (revision.between, revision.ordered) == (tuple(names), True)
    assert (revision.fields, revision.matched_by) == (["title", "summary"], "identity")
    assert (revision.old.title, revision.new.title) == ("One", "Two")


def test_an_observation_that_did_not_see_it_bounds_no_revision(past: Past) -> None:
    first = past.see_all(day(1), news(1, title="One"))
    past.see(day(2), full(dated(9, "2016-01-20"), fill="2016-01-15"))
    last = past.see_all(day(3), news(1, title="Two"))
    assert [revision.between for revision in past.life(1).revisions] == [(first, last)]


def test_a_field_that_a_source_cannot_show_is_neither_lost_nor_found(past: Past) -> None:
    able = ("caption", "dateline", "summary", "title", "url")
    first = past.see_all(day(1), news(1, caption="A mine"), fields=able)
    past.see_all(day(2), news(1))
    past.see_all(day(3), news(1, caption="A mine"), fields=able)
    assert past.life(1).revisions == []
    past.see_all(day(4), news(1))
    last = past.see_all(day(5), news(1, caption="A river"), fields=able)
    (revision,) = past.life(1).revisions
    assert revision.fields == ["caption"]
    assert revision.between == ("20180103T060000Z", last)
    assert first == "20180101T060000Z"


def test_what_a_page_shows_last_before_it_breaks_off_is_no_revision(past: Past) -> None:
    first = past.see_all(day(1), news(1, summary="All of it."), news(2, summary="All of it."))
    cut = page(news(1, summary="All of it."), news(2, summary="All"), problems=("truncation: it may have been cut",))
    past.see(day(2), cut)
    assert past.life(2).revisions == []
    last = past.see_all(day(3), news(1, summary="All of it."), news(2, summary="Much more."))
    assert [revision.between for revision in past.life(2).revisions] == [(first, last)]
    assert past.life(1).revisions == []


# --- one entry under several ids ----------------------------------------------------------


MINE, QUARRY = "A law for the mine", "A new law for the mine"


def test_an_edited_title_without_detail_page_continues_the_entry(past: Past) -> None:
    names = [past.see_all(day(1), entry("x-1", title=MINE)), past.see_all(day(2), entry("x-2", title=QUARRY))]
    past.see_all(day(3), entry("x-1", title=MINE))
    (life,) = past.lives()
    assert [(one.id, one.first_seen, one.matched_by) for one in life.ids] == [
        ("x-1", names[0], None),
        ("x-2", names[1], "title"),
    ]
    assert [revision.matched_by for revision in life.revisions] == ["title", "title"]
    assert (life.id, life.state, life.sightings) == ("x-1", "listed", 3)


def test_an_edited_title_at_the_edge_of_a_page_continues_the_entry_of_the_observation_before(past: Past) -> None:
    for number, (id_, title) in enumerate([("x-1", MINE), ("x-2", QUARRY)], 1):
        past.see(day(number), full(entry(id_, title=title)))
    assert [one.matched_by for one in past.life("x-1").ids] == [None, "title"]
    assert past.life("x-1").state == "listed"


def test_the_chain_goes_on_over_an_observation_that_did_not_see_its_place(past: Past) -> None:
    past.see_all(day(1), entry("x-1", title=MINE, date_earliest="2017-01-15", date_latest="2017-01-15"))
    past.see(day(2), full(dated(9, "2016-01-20"), fill="2016-01-15"))
    past.see_all(day(3), entry("x-2", title=QUARRY, date_earliest="2017-01-15", date_latest="2017-01-15"))
    assert past.life("x-1") == past.life("x-2")
    assert past.life("x-1").state == "listed"


def test_what_was_gone_is_not_continued_by_an_entry_that_is_only_like_it(past: Past) -> None:
    past.see_all(day(1), entry("x-1", title=MINE))
    past.see_all(day(2))
    past.see_all(day(3), entry("x-2", title=QUARRY))
    assert [(life.id, life.state) for life in past.lives()] == [("x-1", "removed"), ("x-2", "listed")]


def test_an_entry_under_the_old_id_of_another_is_another(past: Past) -> None:
    past.see_all(day(1), entry("x-1", title=MINE))
    past.see_all(day(2), entry("x-2", title=QUARRY))
    third = past.see_all(day(3), entry("x-1", title=MINE), entry("x-2", title=QUARRY))
    found = {life.id: life for life in past.lives()}
    assert [one.id for one in found["x-2"].ids] == ["x-1", "x-2"]
    assert (found["x-1"].first_seen, found["x-1"].ids[0].matched_by) == (third, None)
    assert {life.state for life in found.values()} == {"listed"}


def test_a_notice_that_becomes_an_entry_is_another(past: Past) -> None:
    past.see(day(1), page(news(1, kind="notice"), lists=["notices"]), coverage=WHOLE)
    past.see(day(2), page(news(1), news(2, kind="notice"), lists=["news", "notices"]), coverage=WHOLE)
    found = {(life.entry.kind, life.id): life.state for life in past.lives()}
    assert found["notice", "news-article-1"] == "removed"
    assert found["entry", "news-article-1"] == "listed"


# --- damage -------------------------------------------------------------------------------


def test_snapshots_of_unequal_derivation_have_no_history_in_common(past: Past) -> None:
    past.see_all(day(1), news(1))
    past.see_all(day(2), news(1))
    with_derivation(past.observations()[1].side, DERIVATION + 1)
    told = f"20180101T060000Z was written under derivation {DERIVATION}, 20180102T060000Z under {DERIVATION + 1}"
    with pytest.raises(UsageError, match=told):
        past.lives()


def test_a_damaged_line_is_named_by_file_and_line(past: Past) -> None:
    name = past.see_all(day(1), news(1), news(2))
    path = past.folder / name / "entries.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[:-5])
    with pytest.raises(DamagedData, match=r"entries\.jsonl:2: the last line has no line end"):
        past.lives()
    path.write_bytes(data + data)
    with pytest.raises(DamagedData, match=r"entries\.jsonl:3: duplicate id 'news-article-1'"):
        past.lives()


def test_a_collection_without_snapshots_has_no_lives(past: Past) -> None:
    (past.folder / ".lock").touch()
    assert past.lives() == []


def test_every_state_is_explained() -> None:
    document = (Path(__file__).parents[3] / "docs" / "history.md").read_text(encoding="utf-8")
    section = document.partition("\n## States\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == sorted(STATES, key=section.index)
    assert section.count("\n| `") == len(STATES)
