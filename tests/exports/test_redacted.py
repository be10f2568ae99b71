from pathlib import Path

import pytest

from psgcrawl.cli.export import FORMATS
from tests.exports.telling import export
from tests.redact.making import REASON, WITHHELD, psgcrawl, three_pages


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_redacted_is_in_no_export(tmp_path: Path, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    archive, out = tmp_path / "archive", tmp_path / f"out.{form}"
    _, records = three_pages(archive)
    # The pages of a WACZ are compressed, and so are the texts of Parquet.
    opaque = form in {"wacz", "parquet"}
    before = export(archive, out, form, "news")
    assert opaque or WITHHELD.encode() in before
    assert psgcrawl(archive, "redact", "news", records[10].id, "--reason", REASON, "--yes") == 0
    force = [] if form == "sqlite" else ["--force"]
    after = export(archive, out, form, "news", *force)
    assert after != before
    for word in WITHHELD.split():
        assert word.encode() not in after
