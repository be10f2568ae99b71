from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from psgcrawl import schemas
from psgcrawl.archive import runlog
from psgcrawl.archive.index.schema import NAME
from psgcrawl.archive.store import Snapshot
from psgcrawl.errors import UsageError
from psgcrawl.exports.places import Log
from tests.archive.making import line, page
from tests.exports.telling import HOSTILE, Told, day, export, lines, news, refused, since


def judged(data: bytes, name: str) -> None:
    validator = Draft202012Validator(schemas.published(name))
    for one in lines(data):
        validator.validate(one)


def test_entries_of_the_latest_snapshot_come_with_where_they_stand(weeks: Told, out: Path) -> None:
    data = export(weeks.archive.folder, out / "a", "jsonl", "news")
    judged(data, "export-entry")
    stored = (weeks.folder / "20180115T060000Z" / "entries.jsonl").read_bytes()
    [row] = Snapshot(weeks.folder / "20180115T060000Z").pages()
    for one, entry in zip(lines(data), lines(stored), strict=True):
        assert {name: one[name] for name in entry} == entry
        assert (one["collection"], one["snapshot"]) == ("news", "20180115T060000Z")
        assert (one["page"], one["payload_digest"]) == (row.url, row.payload_digest)
        assert one["captured"] == {"from": "2018-01-15T06:00:00Z", "to": "2018-01-15T06:00:00Z"}


def test_snapshots_that_are_named_are_exported_in_the_order_of_time(weeks: Told, out: Path) -> None:
    found = lines(export(weeks.archive.folder, out / "a", "jsonl", "news", "latest", "2018-01-01"))
    assert [one["snapshot"] for one in found] == ["20180101T060000Z"] * 4 + ["20180115T060000Z"] * 4


def test_of_several_pages_the_one_captured_last_shows_an_entry(told: Told, out: Path) -> None:
    first, second = page(news(1), position=0), page(news(1), news(2), position=10)
    told.see(day(1), first, second)
    found = {one["id"]: one["page"] for one in lines(export(told.archive.folder, out / "a", "jsonl", "news"))}
    assert found == {"news-article-1": second.url, "news-article-2": second.url}


def test_revisions_are_all_distinct_readings_as_they_were_first_seen(weeks: Told, out: Path) -> None:
    data = export(weeks.archive.folder, out / "a", "jsonl", "news", "--revisions")
    judged(data, "export-revision")
    found = [(one["id"], one["revision"], one["revisions"], one["first_seen"], one["state"]) for one in lines(data)]
    first, second, again = "20180101T060000Z", "20180108T060000Z", "20180115T060000Z@20180122T060000Z"
    assert found == [
        ("news-article-1", 1, 1, first, "listed"),
        ("news-article-2", 1, 2, first, "listed"),
        ("news-article-3", 1, 1, first, "removed"),
        ("news-article-4", 1, 1, first, "relisted"),
        ("news-article-2", 2, 2, second, "listed"),
        ("news-article-5", 1, 1, second, "listed"),
    ]
    assert {one["last_seen"] for one in lines(data)} == {first, second, again}
    assert {one["key"] for one in lines(data)} == {f"news/entry/news-article-{number}" for number in range(1, 6)}


def test_a_reading_that_comes_back_is_no_further_revision(told: Told, out: Path) -> None:
    for number, title in enumerate(("A", "B", "A")):
        told.see_all(day(1 + number), news(1, title=title))
    found = lines(export(told.archive.folder, out / "a", "jsonl", "news", "--revisions"))
    assert [(one["title"], one["first_seen"][:8], one["last_seen"][:8]) for one in found] == [
        ("A", "20180101", "20180103"),
        ("B", "20180102", "20180102"),
    ]


def test_two_entries_that_had_one_id_have_keys_of_their_own(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1, title="First", url="http://perusupportgroup.org.uk/same.html"))
    told.see_all(day(2), news(2, title="First", url="http://perusupportgroup.org.uk/same.html"))
    told.see_all(day(3), news(2, title="First", url="http://perusupportgroup.org.uk/same.html"), news(1, title="Other"))
    found = lines(export(told.archive.folder, out / "a", "jsonl", "news", "--revisions"))
    assert {(one["key"], one["title"]) for one in found} == {
        ("news/entry/news-article-1", "First"),
        ("news/entry/news-article-1~2", "Other"),
    }


# --- changes since a place ------------------------------------------------------------


def changes(told: Told, path: Path, place: str) -> list[tuple[str, str | None]]:
    data = export(told.archive.folder, path, "jsonl", "news", "--since", place, "--force")
    judged(data, "export-change")
    return [(one["change"], one["id"] and one["id"].removeprefix("news-article-")) for one in lines(data)]


def test_from_the_start_everything_is_told_by_the_line_since_which_it_is_known(weeks: Told, out: Path) -> None:
    assert changes(weeks, out / "a", "start") == [
        *[("added", number) for number in "1234"],
        ("edited", "2"),
        ("added", "5"),
        ("relisted", "4"),
        ("removed", "3"),
    ]
    found = lines((out / "a").read_bytes())
    places = weeks.places()
    assert [places.index(one["place"]) for one in found] == sorted(places.index(one["place"]) for one in found)
    removed = next(one for one in found if one["change"] == "removed")
    assert removed["confirmed"]
    assert removed["evidence"] == ["20180108T060000Z", "20180115T060000Z", "20180115T060000Z@20180122T060000Z"]
    assert removed["place"] == places[3], "it is confirmed since the run that found all unchanged"
    assert (removed["new"], removed["payload_digest"], removed["snapshot"]) == (None, None, "20180115T060000Z")


def test_a_consumer_that_keeps_its_place_is_told_everything_once_it_is_known(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1), news(2))
    heard = [changes(told, out / "a", "start")]
    place = lines((out / "a").read_bytes())[-1]["place"]
    for number, entries in ((8, (news(1),)), (15, (news(1), news(3))), (22, (news(1, title="T"), news(3)))):
        told.see_all(day(number), *entries)
        heard.append(changes(told, out / "a", place))
        place = lines((out / "a").read_bytes())[-1]["place"]
        assert place == told.places()[-1]
    assert heard == [
        [("added", "1"), ("added", "2")],
        [("removed", "2")],
        [("removed", "2"), ("added", "3")],
        [("edited", "1")],
    ]
    assert changes(told, out / "a", place) == []


def test_what_was_captured_earlier_and_taken_in_later_tells_anew_what_rests_on_it(told: Told, out: Path) -> None:
    told.see_all(day(8), news(1))
    place = told.places()[-1]
    told.see_all(day(1), news(1), news(2))
    assert changes(told, out / "a", place) == [("added", "1"), ("added", "2"), ("removed", "2")]


def test_a_place_can_be_shortened_and_what_is_none_is_refused(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = weeks.places()[1]
    assert changes(weeks, out / "a", place[:8]) == changes(weeks, out / "a", place)
    for wrong, said in (("zzz", "a place is 'start'"), ("abc", "a place is"), ("0" * 64, "no such line")):
        words = ("jsonl", "news", "--since", wrong)
        assert said in refused(weeks.archive.folder, out / "b", capsys, *words)


def test_a_snapshot_without_a_line_in_the_log_waits_for_it(
    told: Told, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told.see_all(day(1), news(1))
    place = told.places()[-1]
    name = super(Told, told).see(day(8), page(news(1), news(2)))
    assert changes(told, out / "a", place) == []
    assert f"news/{name}: not in the run log yet" in capsys.readouterr().err
    told.log(name)
    assert ("added", "2") in changes(told, out / "a", place)


def test_a_later_edition_is_said_to_replace_before_what_rests_on_it(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1))
    name = told.see_all(day(8), news(1), news(2, title="As it was read"))
    place = told.places()[-1]
    told.folder.joinpath("20180108T060000Z").rename(told.folder / "20180108T060000Z.e2")
    assert changes(told, out / "a", "start") == [("added", "1")], "the edition is not logged yet"
    told.log(f"{name}.e2")
    assert changes(told, out / "a", place) == [("replaced", None), ("added", "2")]
    assert lines((out / "a").read_bytes())[0]["snapshot"] == "20180108T060000Z.e2"
    assert ("replaced", None) not in changes(told, out / "a", "start")


def test_what_is_out_of_view_is_said_to_be_that_and_nothing_more(told: Told, out: Path) -> None:
    told.see(since(2), page(news(1)))  # perhaps after all others
    told.see_all(day(3), news(1))
    told.see_all(day(4), news(2))
    assert changes(told, out / "a", "start") == [("added", "1"), ("out-of-view", "1"), ("added", "2")]


def test_a_place_that_fits_several_lines_is_refused() -> None:
    log = Log(["0123456789" + "a" * 54, "0123456789" + "b" * 54], {}, {})
    assert log.number("0123456789b") == 1
    with pytest.raises(UsageError, match="fits 2 lines"):
        log.number("01234567")


def test_runs_that_came_to_no_collection_are_lines_as_well(told: Told, out: Path) -> None:
    told.see_all(day(1), news(1))
    runlog.append(told.archive.folder, line(collection=None, outcome="failed"))
    told.see_all(day(8), news(1), news(2))
    assert changes(told, out / "a", told.places()[1]) == [("added", "2")]


# --- all formats of history -----------------------------------------------------------


@pytest.mark.parametrize("words", [["--revisions"], ["--since", "start"]], ids=" ".join)
def test_of_the_history_no_snapshot_can_be_picked(
    weeks: Told, out: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    said = refused(weeks.archive.folder, out / "a", capsys, "jsonl", "news", "latest", *words)
    assert "told of all snapshots of 'news'; none can be picked out" in said


@pytest.mark.parametrize(
    "words",
    [["jsonl", "--revisions"], ["jsonl", "--since", "start"], ["atom"], ["jsonfeed", "--changes"], ["sqlite"]],
    ids=" ".join,
)
def test_the_same_archive_gives_the_same_bytes_also_where_it_cannot_be_written_to(
    weeks: Told, out: Path, words: list[str]
) -> None:
    form, *options = words
    expected = export(weeks.archive.folder, out / "a", form, "news", *options)
    assert export(weeks.archive.folder, out / "b", form, "news", *options) == expected
    index = weeks.archive.folder / NAME
    index.unlink()
    index.mkdir()  # what is in its place cannot be replaced
    try:
        assert export(weeks.archive.folder, out / "c", form, "news", *options) == expected
    finally:
        index.rmdir()


def test_revisions_of_many_snapshots_each_stand_on_a_page_of_their_own(told: Told, out: Path) -> None:
    for number in range(1, 8):
        told.see(day(number), page(news(1, title=f"Title {number % 7}"), position=number * 10))
    found = lines(export(told.archive.folder, out / "a", "jsonl", "news", "--revisions"))
    assert [one["page"].rpartition("=")[2] for one in found] == [f"{number}0" for number in range(1, 8)]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_entry_that_no_page_shows_is_damage(
    told: Told, out: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    name = told.see_all(day(1), news(1))
    path = told.folder / name / "pages.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"news-article-1"', b'"news-article-9"'))
    said = refused(told.archive.folder, out / "a", capsys, form, "news")
    assert "pages.jsonl: no page shows the entry 'news-article-1'" in said


def test_hostile_text_stays_as_it_is_in_escapes(bad: Told, out: Path) -> None:
    data = export(bad.archive.folder, out / "a", "jsonl", "news", "2018-01-01")
    assert data.isascii()
    assert not set(data) & (set(range(0x20)) | {0x7F}) - {0x0A}
    assert {one["title"] for one in lines(data)} == set(HOSTILE)
    assert data.count(b"\n") == len(HOSTILE)


@pytest.mark.parametrize("form", ["jsonl", "csv", "atom", "jsonfeed", "sqlite", "parquet"])
def test_a_lone_surrogate_is_no_text_that_could_be_exported(
    told: Told, out: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    name = told.see_all(day(1), news(1, title="SURROGATE"))
    path = told.folder / name / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"SURROGATE", rb"\ud800"))
    assert "entries.jsonl:1: " in refused(told.archive.folder, out / "a", capsys, form, "news")
    assert list(out.iterdir()) == []


def test_unknown_capture_times_stay_unknown(told: Told, out: Path) -> None:
    told.see(since(3), page(news(1)))
    [one] = lines(export(told.archive.folder, out / "a", "jsonl", "news"))
    assert one["captured"] == {"from": "2018-01-03T06:00:00Z", "to": None}
