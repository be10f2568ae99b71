"""What is withheld on request is in no export, under whatever id, address or record it was."""

import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from psgcrawl.archive import jsonl, withholding
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.withholding import WITHHELD, Decision
from psgcrawl.cli.export import FORMATS
from psgcrawl.exports.sums import pieces
from psgcrawl.exports.veil import TITLE
from tests.archive.making import entry
from tests.exports.telling import Told, day, export, lines, news, refused
from tests.redact.making import WITHHELD as SECRET
from tests.redact.making import Run, item, listing, ten, three_pages

SLUG = "/news-article-1990.html"


def withhold(archive: Path, entry: str | None = None, record: str | None = None, *, lift: bool = False) -> None:
    action = "lift" if lift else "withhold"
    withholding.add(
        archive,
        Decision(action=action, entry=entry, record=record, reason="r", request="q", when="2027-03-01T12:00:00Z"),  # type: ignore[arg-type]
    )


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """Three snapshots: the secret on a listing page and on its own page; edited; and the same again as a 304."""
    archive = tmp_path / "archive"
    three_pages(archive)
    second = Run("2016-03-21T06:00:00Z")
    first = second.fetch(
        "/news.php", listing([item(1990, "13 March 2016", f"{SECRET} spoke in Cusco"), *ten(1989, 13)[:9]])
    )
    second.fetch(SLUG, f"<html><body><h1>{SECRET}</h1><p>All of it.</p></body></html>".encode())
    second.commit(archive)
    third = Run("2016-03-22T06:00:00Z")
    third.unchanged("/news.php", first)
    third.commit(archive)
    return archive


def texts(path: Path) -> bytes:
    """Return all that a file holds, unpacked."""
    data = path.read_bytes()
    if path.suffix == ".wacz":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return b"".join(_unpacked(name, file.read(name)) for name in file.namelist())
    return data


def _unpacked(name: str, data: bytes) -> bytes:
    if name.endswith(".warc.gz"):
        return b"".join(found.raw for found in read(io.BytesIO(data), name))
    return data


@pytest.mark.parametrize("form", [name for name in FORMATS if name != "parquet"])
def test_what_is_withheld_is_in_no_export_until_it_is_lifted(followed: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out.{form}"
    force = [] if form == "sqlite" else ["--force"]
    export(followed, out, form, "news")
    assert SECRET.encode() in texts(out)
    withhold(followed, "news-article-1990")
    export(followed, out, form, "news", *force)
    shown = texts(out)
    for word in (SECRET, "Quispe", "in Cusco", SLUG):
        assert word.encode() not in shown
    assert form in {"wacz", "atom"} or TITLE.encode() in shown
    assert b"Title 1989" in shown or form == "wacz"
    export(followed, out, form, "news", "--include-withheld", *force)
    assert SECRET.encode() in texts(out)
    withhold(followed, "news-article-1990", lift=True)
    export(followed, out, form, "news", *force)
    assert SECRET.encode() in texts(out)


@pytest.mark.service
def test_what_is_withheld_is_in_no_table_of_parquet(followed: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: psgcrawl[parquet] brings it")
    withhold(followed, "news-article-1990")
    for words in ([], ["--revisions"]):
        export(followed, tmp_path / "out.parquet", "parquet", "news", "--force", *words)
        titles = parquet.read_table(tmp_path / "out.parquet").column("title").to_pylist()
        assert TITLE in titles
        assert not any("Esmeralda" in title for title in titles)


def test_an_entry_is_withheld_under_every_id_that_it_ever_had(told: Told, out: Path) -> None:
    """Without a page of its own an entry's id is made of its title, and an edit gives it another one."""
    told.see_all(day(1), news(1), entry("x-0000000000000001", title="Quispe speaks in Cusco today"))
    told.see_all(day(8), news(1), entry("x-0000000000000002", title="Quispe spoke in Cusco today"))
    withhold(told.archive.folder, "x-0000000000000001")
    shown = lines(export(told.archive.folder, out / "a", "jsonl", "news"))
    assert [one["title"] for one in shown if one["id"] == "x-0000000000000002"] == [TITLE]
    for words in (["--revisions"], ["--since", "start"]):
        assert b"Quispe" not in export(told.archive.folder, out / words[0], "jsonl", "news", *words)


def test_what_stands_in_its_place_proves_which_one_it_is_and_says_nothing_else(followed: Path, out: Path) -> None:
    withhold(followed, "news-article-1990")
    [snapshot] = Archive(followed).collection("news").snapshots()[-1:]
    original = next(one for one in snapshot.entries() if one.id == "news-article-1990")
    data = export(followed, out / "a", "jsonl", "news")
    [shown] = [one for one in lines(data) if one["id"] == "news-article-1990"]
    assert shown["summary"] == f"sha256:{sha256(jsonl.dumps(original)).hexdigest()}"
    said = {name: value for name, value in shown.items() if value not in (None, [])}
    assert set(said) == {
        "id", "kind", "title", "summary", "collection", "snapshot", "page", "captured", "payload_digest",
    }  # fmt: skip


def _indexed(data: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield each line of the index with the record at its place."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        import gzip  # noqa: PLC0415 - only here

        for line in gzip.decompress(file.read("indexes/index.cdx.gz")).splitlines():
            told = json.loads(line.split(b" ", 2)[2])
            warc = file.read(f"archive/{told['filename']}")
            start = int(told["offset"])
            yield told, warc[start : start + int(told["length"])]


def test_a_wacz_without_some_records_points_at_the_others(followed: Path, out: Path) -> None:
    withhold(followed, "news-article-1990")
    data = export(followed, out / "a.wacz", "wacz", "news")
    found = list(_indexed(data))
    assert len(found) == 2
    for told, member in found:
        [one] = read(io.BytesIO(member), "a member")
        assert one.record.uri == told["url"]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        about = json.loads(file.read("datapackage.json"))
        listed = {one["path"]: one["hash"] for one in about["resources"]}
        for name in file.namelist():
            if name in listed:
                assert listed[name] == f"sha256:{sha256(file.read(name)).hexdigest()}"
    assert "Pages withheld at the demand of others: 4." in about["description"]


def test_a_record_is_withheld_by_its_name_with_all_that_repeats_it(followed: Path, out: Path) -> None:
    [*_, last] = Archive(followed).collection("news").snapshots()
    [row] = last.pages()
    assert row.warc is not None
    withhold(followed, record=row.warc.record)
    export(followed, out / "a.wacz", "wacz", "news", last.name)
    assert SECRET.encode() not in texts(out / "a.wacz")
    # Its entries are not: what they say was not asked for.
    assert SECRET.encode() in export(followed, out / "a.jsonl", "jsonl", "news")


def test_a_wacz_of_which_nothing_is_withheld_holds_the_files_as_they_are(followed: Path, out: Path) -> None:
    before = export(followed, out / "a.wacz", "wacz", "news")
    withhold(followed, "news-article-77")
    assert export(followed, out / "b.wacz", "wacz", "news") == before
    [first, *_] = Archive(followed).collection("news").snapshots()
    with zipfile.ZipFile(io.BytesIO(before)) as file:
        name = f"archive/news-{first.name}.warc.gz"
        assert file.read(name) == b"".join(pieces(first.folder / "pages.warc.gz"))


def test_where_it_cannot_be_read_what_is_withheld_nothing_is_exported(
    followed: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (followed / WITHHELD).write_bytes(b"{")
    assert "withheld.jsonl:1: the last line has no line end" in refused(followed, out / "a", capsys, "jsonl", "news")


def test_what_is_withheld_and_what_is_shown_all_the_same_is_said(
    followed: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    withhold(followed, "news-article-1990")
    export(followed, out / "a", "jsonl", "news")
    assert "withheld.jsonl: 1 entry and 0 records, withheld on request" in capsys.readouterr().err
    export(followed, out / "a", "jsonl", "news", "--force", "--include-withheld")
    assert "1 entry and 0 records, shown all the same, as --include-withheld asks" in capsys.readouterr().err
