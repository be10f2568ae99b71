import gzip
import os
from pathlib import Path

import pytest

from psgcrawl.archive.redact.copying import copy, listed, together
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.warc.reading import KEPT, read_at
from psgcrawl.archive.warc.record import member
from psgcrawl.errors import DamagedData
from tests.archive.redact.test_record import RECORDS, RESPONSE

MARK = Mark("2027-03-01T12:00:00Z", "order 12/2027")
REVISIT = RECORDS["revisit"][0]


def write(path: Path, *members: bytes) -> Path:
    path.write_bytes(b"".join(members))
    return path


def copied(path: Path, *targets: str) -> tuple[bytes, dict[str, tuple[int, int]]]:
    to = path.with_name("copy.warc.gz")
    with to.open("wb", buffering=0) as stream:
        places = copy(path, list(listed(path)), targets, MARK, stream)
    assert all(read_at(to, place.offset, place.length).record.id == id_ for id_, place in places.items())
    return to.read_bytes(), {id_: (place.offset, place.length) for id_, place in places.items()}


def test_the_records_of_a_file_are_listed_without_their_blocks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", *(member(record) for record, _ in RECORDS.values()))
    found = list(listed(path))
    assert [one.type for one in found] == list(RECORDS)
    assert [one.id for one in found] == [record.id for record, _ in RECORDS.values()]
    assert [one.repeats for one in found] == [None, None, None, RESPONSE.id, None, None]
    assert not any(one.redacted for one in found)


def test_other_members_are_copied_byte_for_byte_however_they_were_compressed(tmp_path: Path) -> None:
    others = [gzip.compress(gzip.decompress(member(record)), 1, mtime=7) for record, _ in RECORDS.values()]
    path = write(tmp_path / "a.warc.gz", *others)
    data, places = copied(path, RESPONSE.id)
    for (record, _), one in zip(RECORDS.values(), others, strict=True):
        offset, length = places[record.id]
        assert (data[offset : offset + length] == one) is (record.id != RESPONSE.id)
    assert sum(length for _, length in places.values()) == len(data)


def test_a_copy_of_a_copy_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", *(member(record) for record, _ in RECORDS.values()))
    data, _ = copied(path, RESPONSE.id)
    again = write(tmp_path / "b.warc.gz", data)
    assert [one.redacted for one in listed(again)] == [one.id == RESPONSE.id for one in listed(again)]
    assert copied(again, RESPONSE.id)[0] == data, "what was redacted keeps when and why"


def test_a_record_that_is_too_long_to_be_read_elsewhere_is_redacted_nevertheless(tmp_path: Path) -> None:
    block = b"x" * (KEPT + 1)
    header = f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\nContent-Length: {len(block)}\r\n\r\n"
    path = write(tmp_path / "a.warc.gz", gzip.compress(header.encode() + block + b"\r\n\r\n", 1), member(RESPONSE))
    data, places = copied(path, "<urn:uuid:1>")
    assert len(data) < 2000
    assert list(places) == ["<urn:uuid:1>", RESPONSE.id]


def test_records_that_share_a_member_cannot_be_told_apart(tmp_path: Path) -> None:
    both = gzip.compress(gzip.decompress(member(RESPONSE)) + gzip.decompress(member(REVISIT)))
    path = write(tmp_path / "a.warc.gz", both)
    with pytest.raises(DamagedData, match="byte 0: several records in one gzip member"):
        copied(path, RESPONSE.id)


def test_a_file_that_became_shorter_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", member(RESPONSE), member(REVISIT))
    records = list(listed(path))
    os.truncate(path, path.stat().st_size - 1)
    with (tmp_path / "to").open("wb", buffering=0) as stream, pytest.raises(DamagedData, match="the file ends before"):
        copy(path, records, [RESPONSE.id], MARK, stream)


def test_revisits_of_revisits_belong_to_what_they_repeat(tmp_path: Path) -> None:
    fields = [("WARC-Type", "revisit"), ("WARC-Record-ID", "<urn:uuid:2>"), ("WARC-Refers-To", REVISIT.id)]
    second = type(REVISIT)((*fields, ("Content-Length", "0")), b"")
    records = [second, REVISIT, RECORDS["resource"][0], RESPONSE]
    found = list(listed(write(tmp_path / "a.warc.gz", *map(member, records))))
    assert [one.id for one in together(found, RESPONSE.id)] == [second.id, REVISIT.id, RESPONSE.id]
    assert [one.id for one in together(found, REVISIT.id)] == [second.id, REVISIT.id]
