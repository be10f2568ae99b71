"""A record answers as a frozen data class does, to programs that know no structs."""

import dataclasses
import subprocess
import sys

import pytest
from itemadapter import ItemAdapter, is_item

from psgcrawl import records
from psgcrawl.frozen import Record
from psgcrawl.records import Captured, Counts, Page, Provenance, RawEntry
from tests.crawls import PROJECT
from tests.layouts.making import page_of

KINDS = [kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, Record)]
KINDS.remove(Record)
KNOWN = Captured(since="2013-05-03T00:00:00Z", until="2013-05-03T00:00:00Z")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_fields_of_a_record_are_those_of_a_frozen_data_class(kind: type[Record]) -> None:
    assert dataclasses.is_dataclass(kind)
    assert tuple(one.name for one in dataclasses.fields(kind)) == kind.__struct_fields__
    assert kind.__dataclass_params__.frozen


def test_there_are_records() -> None:
    assert {Page, RawEntry, records.Entry, records.PageRow, records.RunLine, Provenance} <= set(KINDS)


def test_defaults_are_told_where_there_are_any() -> None:
    said = {one.name: one for one in dataclasses.fields(Provenance)}
    assert said["site"].default is None
    assert said["redactions"].default_factory is list
    assert said["spider"].default is dataclasses.MISSING
    assert said["spider"].default_factory is dataclasses.MISSING


def test_a_record_is_taken_apart_and_changed_as_data_classes_are() -> None:
    counts = Counts(pages=1, entries={"entry": 9})
    assert dataclasses.asdict(counts) == {"pages": 1, "entries": {"entry": 9}}
    assert dataclasses.replace(counts, pages=2) == Counts(pages=2, entries={"entry": 9})
    assert counts.pages == 1


def test_a_page_is_an_item_of_scrapy_with_its_entries_inside() -> None:
    raw = RawEntry(kind="entry", list="news", title="A title", summary="A summary")
    page = dataclasses.replace(page_of(raw), captured=KNOWN)
    assert is_item(page)
    adapter = ItemAdapter(page)
    assert list(adapter.field_names()) == list(Page.__struct_fields__)
    assert adapter["captured"] == KNOWN
    whole = adapter.asdict()
    assert whole["captured"] == {"since": KNOWN.since, "until": KNOWN.until}
    [entry] = whole["raw"]
    assert entry["title"] == "A title"


def test_an_item_that_is_frozen_stays_so() -> None:
    adapter = ItemAdapter(page_of())
    with pytest.raises(AttributeError):
        adapter["url"] = "https://example.org/"


def test_what_all_records_are_is_no_data_class() -> None:
    assert not dataclasses.is_dataclass(Record)


def test_whoever_does_not_ask_does_not_load_data_classes() -> None:
    script = (
        "import sys; from psgcrawl.cli.quickly import load_msgspec; load_msgspec(); import psgcrawl.records; "
        "sys.exit('dataclasses' in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"], cwd=PROJECT, check=False
        ).returncode
        == 0
    )
