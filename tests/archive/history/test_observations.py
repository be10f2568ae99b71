from psgcrawl.archive import runlog
from psgcrawl.archive.history.observations import before, unordered
from psgcrawl.records import ConfirmedPage
from tests.archive.compare.sides import dated, full
from tests.archive.history.past import Past, day, news, since
from tests.archive.making import at, line


def test_a_run_that_found_a_snapshot_unchanged_is_an_observation_of_its_own(past: Past) -> None:
    name = past.see_all(day(1), news(1))
    past.again(name, day(5))
    first, second = past.observations()
    assert (first.name, first.run, first.whole) == (name, None, True)
    assert (second.name, second.side.name) == (f"{name}@20180105T060000Z", name)
    assert (second.captured, second.run, second.whole, second.only) == (day(5), "2018-02-01T00:00:00Z", True, None)
    life = past.life(1)
    assert (life.last_seen, life.sightings) == (second.name, 2)


def test_a_run_that_confirms_an_absence_confirms_the_removal(past: Past) -> None:
    first = past.see_all(day(1), news(1), news(2))
    gone = past.see_all(day(2), news(1))
    past.again(gone, day(3))
    assert past.life(2).confirmed
    assert past.life(2).evidence == [first, gone, f"{gone}@20180103T060000Z"]


def test_the_same_captures_given_again_are_no_further_observation(past: Past) -> None:
    gone = [past.see_all(day(1), news(1)), past.see_all(day(2))][1]
    past.again(gone, day(2))
    assert len(past.observations()) == 2
    assert not past.life(1).confirmed


def test_one_run_logged_twice_is_one_observation_and_two_of_one_time_have_two_names(past: Past) -> None:
    name = past.see(day(1), full(news(1)), full(news(2), position=10))
    past.again(name, day(5))
    past.again(name, day(5), started="2018-02-02")
    past.again(name, day(5), pages=slice(1), started="2018-02-03")
    assert [one.name for one in past.observations()] == [
        name,
        f"{name}@20180105T060000Z",
        f"{name}@20180105T060000Z-2",
    ]


def test_a_run_that_saw_some_of_the_pages_shows_only_their_entries_and_claims_no_absence(past: Past) -> None:
    first = past.see(day(1), full(news(1)), full(news(2), news(3), position=10))
    name = past.see(day(2), full(news(1)), full(news(2), position=10))
    past.again(name, day(3), pages=slice(1))
    last = past.observations()[-1]
    assert (last.whole, "news-article-1" in (last.only or ()), "news-article-2" in (last.only or ())) == (
        False,
        True,
        False,
    )
    assert past.life(1).last_seen == last.name
    assert (past.life(2).state, past.life(2).last_seen) == ("out-of-view", name)
    assert first != name


def test_between_two_sightings_a_run_that_saw_other_pages_opens_no_gap(past: Past) -> None:
    pages = full(dated(4, "2017-01-20")), full(dated(2, "2017-01-12"), dated(3, "2017-01-01"), position=10)
    name = past.see(day(1), *pages)
    past.again(name, day(2), pages=slice(1))
    past.see(day(3), *pages)
    assert (past.life(2).state, past.life(2).sightings) == ("listed", 2)
    past.see(day(4), pages[0], full(dated(3, "2017-01-01"), position=10))
    assert past.life(2).state == "removed"


def test_pages_seen_from_the_bottom_claim_no_absence(past: Past) -> None:
    name = past.see(day(1), full(news(1)), full(news(2), position=10))
    past.again(name, day(3), day(4))
    past.again(name, day(6), day(5), started="2018-02-02")
    past.again(name, since(7), started="2018-02-03")
    assert [one.whole for one in past.observations()] == [True, True, False, False]
    assert past.observations()[1].captured == at("2018-01-03T06:00:00Z", "2018-01-04T06:00:00Z")


def test_a_snapshot_counts_in_its_newest_edition_and_a_run_confirms_all_editions(past: Past) -> None:
    evidence = {"sha256": "0" * 64, "payload_digest": "sha1:" + "A" * 32}
    name = past.see_all(day(1), news(1), **evidence)
    derived = past.see_all(day(1), news(1, caption="A mine"), **evidence)
    past.again(name, day(3))
    (past.folder / derived).rename(past.folder / f"{name}.e2")
    assert [one.name for one in past.observations()] == [f"{name}.e2", f"{name}.e2@20180103T060000Z"]
    past.again(f"{name}.e2", day(4))
    assert past.observations()[-1].captured == day(4)


def test_what_the_log_says_of_other_things_is_passed_over(past: Past) -> None:
    name = past.see_all(day(1), news(1))
    foreign = ConfirmedPage(url=None, captured=day(9), status=200, payload_digest="sha1:" + "A" * 32)
    for given in (
        {"outcome": "committed", "snapshot": name},
        {"outcome": "unchanged", "snapshot": name, "collection": "articles", "pages": [foreign]},
        {"outcome": "unchanged", "snapshot": name, "pages": [foreign]},
        {"outcome": "failed"},
    ):
        runlog.append(past.archive.folder, line(**given))
    assert [one.name for one in past.observations()] == [name]
    assert past.notes == [
        f"runs.jsonl: the run of 2024-01-01T00:00:00Z confirms 1 page that '{name}' does not hold: passed over"
    ]


def test_a_run_that_confirms_what_is_not_there_is_noted(past: Past) -> None:
    past.see_all(day(1), news(1))
    gone = past.see_all(day(2), news(1))
    past.again(gone, day(3))
    (past.folder / gone).rename(past.folder / ".gone")
    assert len(past.observations()) == 1
    assert past.notes == [f"runs.jsonl: the run of 2018-02-01T00:00:00Z confirms '{gone}', which is not there"]


def test_observations_are_in_the_order_of_capture_not_of_commit(past: Past) -> None:
    late, early = past.see_all(day(9), news(1)), past.see_all(day(1), news(1))
    bounded = past.see_all(since(1), news(1))
    assert [one.name for one in past.observations()] == [early, bounded, late]


def test_times_that_overlap_or_touch_or_have_no_end_have_no_order(past: Past) -> None:
    times = [day(1), at("2018-01-02T00:00:00Z", "2018-01-03T00:00:00Z"), at("2018-01-03T00:00:00Z"), day(4)]
    names = [past.see_all(time, news(1)) for time in times]
    assert unordered(past.observations()) == {names[1], names[2]}
    unknown = past.see_all(since(4), news(1))
    assert unordered(past.observations()) == {*names[1:], unknown}
    long = past.see_all(at("2017-12-01T00:00:00Z", "2018-06-01T00:00:00Z"), news(1))
    assert unordered(past.observations()) == {*names, unknown, long}
    assert before(day(1), day(2))
    assert not before(day(1), day(1))
    assert not before(since(1), day(2))


def test_lines_that_are_alike_are_parsed_once(past: Past) -> None:
    for number in range(1, 5):
        past.see_all(day(number), news(1), dated(2, "2017-01-20"))
    assert len({id(life.entry) for life in past.lives()}) == 2
    assert {life.sightings for life in past.lives()} == {4}
