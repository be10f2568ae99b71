"""What is stored: fields, their order on disk, and what they are said to mean."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from psgcrawl import records
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Captured, Entry, Flag, Kind, Page, PageRow, RawEntry
from tests.layouts.making import page_of

STORED = [
    records.Entry,
    records.Captured,
    records.ListView,
    records.WarcPlace,
    records.PageRow,
    records.Coverage,
    records.Counts,
    records.Edition,
    records.Provenance,
    records.ConfirmedPage,
    records.RunLine,
]


def make(**given: Any) -> Entry:
    values: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__)
    return Entry(
        **{**values, "id": "x", "kind": "entry", "title": "T", "summary": "", "categories": [], "flags": [], **given}
    )


def test_the_fields_of_an_entry_stand_in_the_order_of_the_contract() -> None:
    assert Entry.__struct_fields__ == tuple(
        "id date_earliest date_latest date_edtf kind series issue title summary url caption categories modified "
        "dateline flags".split()
    )


def test_the_fields_of_a_page_stand_in_the_order_of_the_contract() -> None:
    assert PageRow.__struct_fields__ == tuple(
        "url captured captured_basis status media_type encoding encoding_basis sha256 payload_digest layout fields "
        "position lists problems carried_from warc memento".split()
    )


def test_every_field_of_an_entry_is_always_written() -> None:
    assert dumps(make()) == (
        b'{"id":"x","date_earliest":null,"date_latest":null,"date_edtf":null,"kind":"entry","series":null,'
        b'"issue":null,"title":"T","summary":"","url":null,"caption":null,"categories":[],"modified":null,'
        b'"dateline":null,"flags":[]}'
    )


@pytest.mark.parametrize("record", STORED, ids=lambda record: record.__name__)
def test_every_stored_field_says_what_it_means(record: type) -> None:
    hints = get_type_hints(record, include_extras=True)
    assert hints
    for name, hint in hints.items():
        meta = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, msgspec.Meta)]
        assert any(extra.description and extra.description.endswith(".") for extra in meta), name


@pytest.mark.parametrize("record", [*STORED, records.Dated, RawEntry, Page], ids=lambda record: record.__name__)
def test_records_are_frozen_and_told_by_name(record: type[msgspec.Struct]) -> None:
    assert record.__struct_config__.frozen
    assert record.__match_args__ == ()


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        make().title = "Another"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Captured(since="2013-05-03T00:00:00Z", until=None).since = "x"  # type: ignore[misc]


def test_the_time_of_a_capture_is_written_from_and_to() -> None:
    known = Captured(since="2013-05-03T00:00:00Z", until="2013-05-03T00:00:00Z")
    assert dumps(known) == b'{"from":"2013-05-03T00:00:00Z","to":"2013-05-03T00:00:00Z"}'
    assert known.known
    assert not Captured(since="2013-05-03T00:00:00Z", until=None).known
    assert not Captured(since="2013-05-03T00:00:00Z", until="2013-05-04T00:00:00Z").known


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date_earliest", "2013-5-3"),
        ("date_latest", "2013-05-03T00:00:00Z"),
        ("kind", "item"),
        ("modified", "2013-05-03T00:00:00+00:00"),
        ("modified", "2013-05-03T00:00:00.5Z"),
        ("flags", ["odd"]),
        ("title", None),
        ("issue", "103"),
        ("categories", None),
    ],
)
def test_a_value_that_the_contract_does_not_allow_is_refused(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(make()), field: value}, Entry)
    assert msgspec.convert(msgspec.to_builtins(make()), Entry) == make()


@pytest.mark.parametrize(
    ("field", "value"),
    [("sha256", "0" * 63), ("sha256", "A" * 64), ("payload_digest", "A" * 32), ("payload_digest", "sha1:" + "0" * 32)],
)
def test_a_digest_in_another_form_is_refused(field: str, value: str) -> None:
    row = msgspec.to_builtins(assemble([page_of()]).rows[0])
    assert msgspec.convert(row, PageRow).problems == []
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**row, field: value}, PageRow)


def test_kinds_and_flags_are_those_of_the_contract() -> None:
    assert get_args(Kind) == records.KINDS == ("entry", "notice", "boilerplate")
    assert list(get_args(Flag)) == sorted(
        "epoch-date no-year reversed-range two-digit-year misspelt-series impossible-date no-dateline mojibake "
        "control-characters".split()
    )


def test_a_page_begins_without_entries() -> None:
    page = page_of()
    assert (page.raw, page.entries, page.lists, page.title, page.note) == ((), (), (), None, None)
    assert RawEntry(kind="entry", list=None, title="T", summary="").dated is None
