from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive.verify.evidence import Known, Records


def known(id_: str, **fields: Any) -> Known:
    return Known(
        **{
            "id": id_,
            "type": "response",
            "uri": "http://example.org/",
            "date": "2017-02-18T06:00:00Z",
            "offset": 0,
            "length": 10,
            "ours": False,
            "redacted": False,
            "status": 200,
            "digest": None,
            "sha256": None,
            "stated": None,
            "repeats": None,
            "concurrent": (),
            **fields,
        }
    )


def test_of_records_with_one_id_the_last_counts() -> None:
    records = Records(Path("pages.warc.gz"))
    for offset in (0, 10):
        records.add(known("<urn:a>", offset=offset))
    records.add(known("<urn:b>"))
    assert [one.id for one in records] == ["<urn:a>", "<urn:b>"]
    found = records.get("<urn:a>")
    assert found is not None
    assert found.offset == 10
    assert records.get("<urn:c>") is None


@pytest.mark.parametrize("name", ["uri", "date", "digest", "stated", "type"])
def test_a_header_that_is_no_text_is_spelled_out(name: str) -> None:
    records = Records(Path("pages.warc.gz"))
    records.add(known("<urn:a>", **{name: "caf\udce9"}))
    assert [getattr(one, name) for one in records] == ["caf\\udce9"]


def test_a_record_is_found_by_a_name_that_is_no_text() -> None:
    records = Records(Path("pages.warc.gz"))
    records.add(known("<urn:\udce9>", sha256="0" * 64))
    again = known("<urn:b>", type="revisit", repeats="<urn:\udce9>")
    records.add(again)
    [_, revisit] = records
    original = records.original(revisit)
    assert original is not None
    assert original.sha256 == "0" * 64
