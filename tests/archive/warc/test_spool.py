"""The spool of a run: what goes in comes out byte for byte, in its order, and nothing else; whatever happens to it."""

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from psgcrawl.archive import names
from psgcrawl.archive.warc.making import Maker
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import compress, member, serialise
from psgcrawl.archive.warc.spool import Member, Spool, set_aside_dead
from psgcrawl.errors import DamagedData
from tests.archive import faults

STARTED = "2017-02-18T06:00:00Z"
STAGING = ".staging-20170218T060000Z"
INCOMPLETE = ".incomplete-20170218T060000Z"
MAKE = Maker("tests")


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path, STARTED, {"software": "psgcrawl"})
    yield spool
    if spool.folder.exists() and spool.folder.name.startswith(".staging"):
        spool.discard()


def made(text: str) -> Member:
    return Member.of(MAKE.metadata("http://example.org/", STARTED, {"about": text}))


def copied(spool: Spool, *wanted: Member) -> tuple[list[str], dict[str, bytes]]:
    """Return the ids of the copied records in their order, and the bytes at the place of each."""
    path = spool.folder.parent / "copy"
    with path.open("wb", buffering=0) as stream:
        places = spool.copy([one.id for one in wanted], stream)
    data = path.read_bytes()
    assert {place.record for place in places.values()} == set(places)
    order = [found.record.id for found in read(io.BytesIO(data), "copy")]
    return order, {id_: data[place.offset : place.offset + place.length] for id_, place in places.items()}


def test_a_spool_begins_with_the_warcinfo_of_its_run(spool: Spool) -> None:
    order, members = copied(spool)
    [found] = read(io.BytesIO(members[order[0]]), "copy")
    assert (found.record.type, found.record.block) == ("warcinfo", b"software: psgcrawl\r\n")


def test_records_come_out_as_they_went_in_and_in_the_order_of_the_run(spool: Spool) -> None:
    one, two, three = made("one"), made("two"), made("three")
    for each in (one, two, three):
        spool.add([each])
    order, members = copied(spool, three, one)
    assert order[1:] == [one.id, three.id]
    assert (members[one.id], members[three.id]) == (one.data, three.data)


def test_records_of_one_exchange_stay_together(spool: Spool) -> None:
    request, response = made("request"), made("response")
    spool.add([request, response])
    assert copied(spool, response)[0][1:] == [request.id, response.id]


def test_what_a_record_needs_goes_with_it_wherever_it_was_written(spool: Spool) -> None:
    original, revisit, again, other = made("original"), made("revisit"), made("again"), made("other")
    spool.add([again], needs=[revisit.id])
    spool.add([original])
    spool.add([other])
    spool.add([revisit], needs=[original.id, "<a record of another file>"])
    assert copied(spool, again)[0][1:] == [again.id, original.id, revisit.id]


def test_a_record_that_is_there_is_not_written_twice_and_still_goes_along(spool: Spool) -> None:
    original, one, two = made("original"), made("one"), made("two")
    spool.add([original, one])
    spool.add([original, two])
    assert copied(spool, two)[0][1:] == [original.id, one.id, two.id]
    assert original.id in spool
    assert "<another>" not in spool


def test_the_rest_is_what_no_page_takes_along(spool: Spool) -> None:
    robots, page, original, failure = made("robots"), made("page"), made("original"), made("failure")
    spool.add([robots])
    spool.add([page], needs=[original.id])
    spool.add([original])
    spool.add([failure])
    assert spool.rest([page.id]) == [robots.id, failure.id]
    assert spool.rest([]) == [robots.id, page.id, original.id, failure.id]


def test_a_member_that_holds_more_is_wrapped_anew_and_one_that_is_alone_stays() -> None:
    record = MAKE.metadata("http://example.org/", STARTED, {})
    alone = compress(serialise(record))
    assert Member.copy(record.id, alone, b"not looked at").data == alone
    assert Member.copy(record.id, None, serialise(record).removesuffix(b"\r\n\r\n")).data == member(record)


def test_a_spool_that_is_discarded_leaves_nothing(spool: Spool) -> None:
    spool.add([made("one")])
    spool.discard()
    assert list(spool.folder.parent.iterdir()) == []


def test_a_spool_that_is_kept_is_an_ordinary_warc_file_under_another_name(spool: Spool) -> None:
    one = made("one")
    spool.add([one])
    folder = spool.keep()
    assert folder.name == INCOMPLETE
    with (folder / "pages.warc.gz").open("rb") as file:
        assert [found.record.type for found in read(file, "kept")] == ["warcinfo", "metadata"]


def test_two_runs_at_once_have_a_spool_each_and_leave_the_other_alone(tmp_path: Path, spool: Spool) -> None:
    second = Spool(tmp_path, STARTED, {})
    assert (spool.folder.name, second.folder.name) == (STAGING, f"{STAGING}-2")
    assert (spool.set_aside, second.set_aside, set_aside_dead(tmp_path)) == ([], [], [])
    assert not {copied(spool)[0][0]} & {copied(second)[0][0]}, "two runs of one second have records of one name"
    second.discard()
    assert spool.folder.is_dir()


def overtaken(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let another run take each name right after it was found to be free, once; return what it made."""
    made: list[Path] = []
    look = names.next_free_name

    def found(folder: Path, stem: str) -> str:
        name = look(folder, stem)
        if not any(path.name.startswith(stem) for path in made):
            made.append(folder / name)
            made[-1].mkdir()
            (made[-1] / "pages.warc.gz").write_bytes(b"another's")
        return name

    monkeypatch.setattr(names, "next_free_name", found)
    return made


def test_of_two_runs_that_begin_at_once_the_slower_one_takes_the_next_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = overtaken(monkeypatch)
    spool = Spool(tmp_path, STARTED, {})
    assert ([path.name for path in made], spool.folder.name) == ([STAGING], f"{STAGING}-2")
    assert spool.keep().name == f"{INCOMPLETE}-2-2"
    assert [path.name for path in made] == [STAGING, f"{INCOMPLETE}-2"]
    assert all((path / "pages.warc.gz").read_bytes() == b"another's" for path in made)


def test_what_a_killed_run_left_is_set_aside_by_the_next_and_named(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        Spool(tmp_path, STARTED, {}).add([made("one")])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (tmp_path / ".staging-foreign").mkdir()
    (tmp_path / INCOMPLETE).mkdir()
    spool = Spool(tmp_path, "2017-02-19T06:00:00Z", {})
    assert spool.set_aside == [f"{INCOMPLETE}-2"]
    with (tmp_path / f"{INCOMPLETE}-2" / "pages.warc.gz").open("rb") as file:
        assert [found.record.type for found in read(file, "left")] == ["warcinfo", "metadata"]
    assert (tmp_path / ".staging-foreign").is_dir()
    spool.discard()


@pytest.mark.parametrize("written", [1, 2], ids=["in-the-first", "in-the-second"])
def test_a_full_disk_takes_none_of_an_exchange_and_the_file_stays_readable(spool: Spool, written: int) -> None:
    before, after = made("before"), made("after")
    spool.add([before])
    with faults.struck(written), pytest.raises(OSError, match="No space left"):
        spool.add([made("request"), made("response")])
    spool.add([after])
    order, members = copied(spool, before, after)
    assert order[1:] == [before.id, after.id]
    assert members[after.id] == after.data
    with (spool.keep() / "pages.warc.gz").open("rb") as file:
        assert [found.record.id for found in read(file, "kept")][1:] == [before.id, after.id]


def test_a_file_that_lost_its_end_is_damage_and_no_record_of_a_snapshot(spool: Spool) -> None:
    one = made("one")
    spool.add([one])
    os.truncate(spool.folder / "pages.warc.gz", 10)
    with pytest.raises(DamagedData, match="shorter than what was written"):
        copied(spool, one)
