"""Manifests of the hard cases before Frictionless Data's own validator: nulls, empty texts, lists, no rows at all."""

import gzip
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.write import write_snapshot
from psgcrawl.records import Entry, WarcPlace
from tests.archive.making import RUN, after, entry, page

pytestmark = pytest.mark.service

BARE = entry("x-0000000000000000", date_earliest=None, date_latest=None, date_edtf=None, dateline=None, title="")
FULL = entry(
    "post-254",
    series="Update",
    issue=103,
    summary="One\n\n- two, “three”\x7f",
    url="https://perusupportgroup.org.uk/2020/01/x/",
    caption="",
    categories=["a", "b"],
    modified="2020-01-02T03:04:05Z",
    flags=["mojibake"],
)


@pytest.fixture(scope="module")
def frictionless() -> Any:
    return pytest.importorskip("frictionless", reason="frictionless is not installed here: `make service` installs it")


def committed(archive: Path, *entries: Entry, warc: bytes = b"", **given: Any) -> Path:
    def evidence(stream: BinaryIO) -> dict[str, WarcPlace]:
        stream.write(warc)
        return {}

    with CollectionLock(archive, "news") as lock:
        return write_snapshot(lock, [page(*entries, **given)], RUN, evidence=evidence if warc else None).folder


def judged(frictionless: Any, folder: Path) -> list[Any]:
    report = frictionless.validate(str(folder / "datapackage.json"), type="package")
    found: list[Any] = report.flatten(["name", "type", "note"])
    assert report.valid is (not found)
    return found


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([BARE], id="null and empty"),
        pytest.param([FULL], id="every field"),
        pytest.param([BARE, FULL], id="both"),
        pytest.param([], id="no entries: an empty file"),
    ],
)
def test_the_validator_accepts_what_is_written(frictionless: Any, tmp_path: Path, entries: list[Entry]) -> None:
    assert judged(frictionless, committed(tmp_path, *entries)) == []


def test_the_validator_accepts_a_page_of_which_nothing_is_known(frictionless: Any, tmp_path: Path) -> None:
    given: dict[str, Any] = {"url": None, "position": None, "layout": None, "captured": after("2014-12-08T00:00:00Z")}
    assert judged(frictionless, committed(tmp_path, FULL, **given)) == []


def test_the_validator_accepts_and_checks_a_file_of_evidence(frictionless: Any, tmp_path: Path) -> None:
    folder = committed(tmp_path, FULL, warc=gzip.compress(b"WARC/1.1\r\n") + gzip.compress(b"WARC/1.1\r\n"))
    assert judged(frictionless, folder) == []
    (folder / "pages.warc.gz").write_bytes(gzip.compress(b"WARC/1.0\r\n") + gzip.compress(b"WARC/1.1\r\n"))
    assert [kind for _, kind, _ in judged(frictionless, folder)] == ["hash-count"]


@pytest.mark.parametrize(
    ("before", "after_", "kind"),
    [
        (b'"kind":"entry"', b'"kind":"other"', "constraint-error"),
        (b'"date_earliest":"2017-02-17"', b'"date_earliest":"2017-02-37"', "type-error"),
        (b'"title":"Title of post-254"', b'"title":null                ', "constraint-error"),
    ],
)
def test_the_validator_finds_what_the_schema_forbids(
    frictionless: Any, tmp_path: Path, before: bytes, after_: bytes, kind: str
) -> None:
    folder = committed(tmp_path, FULL)
    data = (folder / "entries.jsonl").read_bytes()
    assert before in data
    (folder / "entries.jsonl").write_bytes(data.replace(before, after_))
    assert kind in [found for _, found, _ in judged(frictionless, folder)]


def test_the_validator_checks_the_hash_of_an_empty_file(frictionless: Any, tmp_path: Path) -> None:
    folder = committed(tmp_path)
    (folder / "entries.jsonl").write_bytes(b"x")
    assert {kind for _, kind, _ in judged(frictionless, folder)} == {"hash-count"}
