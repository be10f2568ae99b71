"""Exports before programs that this project did not write, and the recipes of ``docs/downstream.md`` as they stand."""

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from lxml import etree

from psgcrawl import schemas
from psgcrawl.exports.commaseparated import COLUMNS
from psgcrawl.exports.harmless import clean
from tests.exports.telling import HOSTILE, Told, export, four_weeks, hostile, lines

pytestmark = pytest.mark.service

PROJECT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = (PROJECT / "docs" / "downstream.md").read_text(encoding="utf-8")
FENCED: Final = re.compile(r"^```(sh|python)\n(.*?)^```\n+```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "jq": ("jq",),
    "DuckDB": ("duckdb",),
    "pandas": ("pandas",),
    "datasette": ("datasette",),
    "sqlite-utils": ("sqlite_utils",),
    "feedparser": ("feedparser",),
    "Python": (),
}
"""What a recipe needs, by the first word of its title: a program or a module."""


def needed(name: str) -> Any:
    """Return a module, or skip the test."""
    return pytest.importorskip(name, reason=f"{name} is not installed here: `make service` installs it")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Told:
    made = Told(tmp_path_factory.mktemp("weeks"))
    four_weeks(made)
    return made


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Told:
    made = Told(tmp_path_factory.mktemp("bad"))
    hostile(made)
    return made


# --- tables ---------------------------------------------------------------------------


def table_schema() -> dict[str, Any]:
    """Return the schema of a table of entries as Frictionless Data has it."""
    types = {"issue": "integer", "categories": "array", "flags": "array"}
    types |= dict.fromkeys(("date_earliest", "date_latest"), "date")
    types |= dict.fromkeys(("modified", "captured_from", "captured_to"), "datetime")
    return {"fields": [{"name": name, "type": types.get(name, "string")} for name in COLUMNS], "missingValues": [""]}


@pytest.mark.parametrize("collection", ["weeks", "bad"])
def test_frictionless_accepts_the_table_and_every_row(
    weeks: Told, bad: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    frictionless = needed("frictionless")
    told = {"weeks": weeks, "bad": bad}[collection]
    data = export(told.archive.folder, tmp_path / "a.csv", "csv", "news", "2018-01-01")
    monkeypatch.chdir(tmp_path)  # it reads no absolute path
    schema = frictionless.Schema.from_descriptor(table_schema())
    dialect = frictionless.Dialect.from_descriptor({"csv": {"delimiter": ",", "doubleQuote": True}})
    with long_fields():
        report = frictionless.validate("a.csv", schema=schema, dialect=dialect, encoding="utf-8")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    assert data.count(b"\r\n") == report.tasks[0].stats["rows"] + 1


def test_frictionless_finds_what_is_wrong(weeks: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frictionless = needed("frictionless")
    data = export(weeks.archive.folder, tmp_path / "a.csv", "csv", "news")
    (tmp_path / "b.csv").write_bytes(data.replace(b"2017-01-15,2017-01-15", b"15 January,2017-01-15", 1))
    monkeypatch.chdir(tmp_path)
    report = frictionless.validate("b.csv", schema=frictionless.Schema.from_descriptor(table_schema()))
    assert {error[0] for error in report.flatten(["type"])} == {"type-error"}


def test_duckdb_and_pandas_read_the_same_out_of_every_table(weeks: Told, tmp_path: Path) -> None:
    duckdb, pandas = needed("duckdb"), needed("pandas")
    needed("pyarrow")
    archive = weeks.archive.folder
    for form in ("jsonl", "csv", "parquet"):
        export(archive, tmp_path / f"a.{form}", form, "news")
    expected = [(one["id"], one["title"], one["date_earliest"]) for one in lines((tmp_path / "a.jsonl").read_bytes())]
    for form in ("jsonl", "csv", "parquet"):
        found = duckdb.sql(
            f"SELECT id, title, date_earliest::text FROM '{tmp_path / f'a.{form}'}'"  # noqa: S608 - ours
        ).fetchall()
        assert found == expected, form
    frames = {
        "jsonl": pandas.read_json(tmp_path / "a.jsonl", lines=True, dtype=False),
        "csv": pandas.read_csv(tmp_path / "a.csv"),
        "parquet": pandas.read_parquet(tmp_path / "a.parquet"),
    }
    for form, frame in frames.items():
        rows = zip(frame["id"], frame["title"], frame["date_earliest"].astype(str), strict=True)
        assert list(rows) == expected, form


def test_duckdb_and_pandas_read_hostile_text_as_text(bad: Told, tmp_path: Path) -> None:
    duckdb, pandas = needed("duckdb"), needed("pandas")
    needed("pyarrow")
    for form in ("csv", "parquet"):
        export(bad.archive.folder, tmp_path / f"a.{form}", form, "news", "2018-01-01")
    frame = pandas.read_csv(tmp_path / "a.csv", keep_default_na=False, engine="c", lineterminator=None)
    assert set(frame["title"]) == {clean(title) for title in HOSTILE}
    titles = duckdb.sql(f"SELECT title FROM '{tmp_path / 'a.parquet'}'").fetchall()  # noqa: S608 - ours
    assert {title for (title,) in titles} == set(HOSTILE)
    options = "header = true, quote = '\"', escape = '\"', delim = ',', max_line_size = 4000000, all_varchar = true"
    titles = duckdb.sql(f"SELECT title FROM read_csv('{tmp_path / 'a.csv'}', {options})").fetchall()  # noqa: S608 - ours
    assert {title for (title,) in titles} == {clean(title) for title in HOSTILE}


@contextmanager
def long_fields() -> Iterator[None]:
    """Let the standard library's reader, which frictionless uses, take fields of more than 128 KiB."""
    before = csv.field_size_limit(1 << 22)
    yield
    csv.field_size_limit(before)


def opened_by_libreoffice(path: Path, folder: Path) -> tuple[set[str], list[str]]:
    """Return the texts of all cells and the formulas that LibreOffice makes of a table which it opens as it stands."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here: Debian's libreoffice-calc-nogui brings it")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    # Comma, double quote, UTF-8, all columns as they come; "true": what looks like a formula is one.
    form = "CSV:44,34,76,1,,0,false,true,true,false,false,-1"
    command = [office, "--headless", profile, f"--infilter={form}", "--convert-to", "fods", "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)
    tree = etree.parse(folder / f"{path.stem}.fods", etree.XMLParser(huge_tree=True))
    cells = tree.iterfind(f".//{{{TABLE}}}table-cell")
    texts = (" ".join("".join(p.itertext()) for p in cell.iterfind(f"{{{TEXT}}}p")) for cell in cells)
    formulas = tree.iterfind(f".//{{{TABLE}}}table-cell[@{{{TABLE}}}formula]")
    return {" ".join(text.split()) for text in texts}, [str(cell.get(f"{{{TABLE}}}formula")) for cell in formulas]


def test_libreoffice_finds_no_formula_in_a_table_for_spreadsheets_and_shows_every_title(
    bad: Told, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.csv"
    export(bad.archive.folder, plain, "csv", "news", "2018-01-01")
    _, formulas = opened_by_libreoffice(plain, tmp_path)
    assert formulas  # it obeys what is not defused, so it can judge
    safe = tmp_path / "safe.csv"
    export(bad.archive.folder, safe, "csv", "news", "2018-01-01", "--spreadsheet")
    shown, formulas = opened_by_libreoffice(safe, tmp_path)
    assert formulas == []
    with long_fields():
        titles = [row["title"] for row in csv.DictReader(StringIO(safe.read_bytes().decode("utf-8-sig"), newline=""))]
    assert len(titles) == len(HOSTILE)
    # It cuts what is longer than 65,535 characters.
    assert {" ".join(title.split())[:60_000] for title in titles} <= {text[:60_000] for text in shown}


# --- feeds ----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--changes"]], ids=" ".join)
@pytest.mark.parametrize("collection", ["weeks", "bad"])
def test_feedparser_reads_the_feed_without_complaint(
    weeks: Told, bad: Told, tmp_path: Path, collection: str, words: list[str]
) -> None:
    feedparser = needed("feedparser")
    archive = {"weeks": weeks, "bad": bad}[collection].archive.folder
    parsed = feedparser.parse(export(archive, tmp_path / "a.atom", "atom", "news", "--most", "0", *words))
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    items = json.loads(export(archive, tmp_path / "a.json", "jsonfeed", "news", "--most", "0", *words))["items"]
    assert [(one.id, one.updated) for one in parsed.entries] == [(one["id"], one["date_modified"]) for one in items]
    assert not any("published" in one for one in parsed.entries)
    for one in parsed.entries:
        assert "<script" not in one.content[0].value


# --- databases ------------------------------------------------------------------------


def test_sqlite_utils_finds_tables_keys_and_the_search(weeks: Told, tmp_path: Path) -> None:
    sqlite_utils = needed("sqlite_utils")
    export(weeks.archive.folder, tmp_path / "a.sqlite", "sqlite", "news")
    database = sqlite_utils.Database(str(tmp_path / "a.sqlite"))
    try:
        assert database["entries"].pks == ["entry"]
        assert database["revisions"].detect_fts() == "search"
        assert [row["id"] for row in database["revisions"].search("mineria")] == ["news-article-2"]
        assert {key.other_table for key in database["entries"].foreign_keys} == {"observations"}
    finally:
        database.close()


def test_datasette_serves_every_table_and_view(weeks: Told, tmp_path: Path) -> None:
    needed("datasette")
    export(weeks.archive.folder, tmp_path / "a.sqlite", "sqlite", "news")
    shown = _get(tmp_path / "a.sqlite", "/a.json")
    names = [table["name"] for table in shown["tables"] if not table["hidden"]]
    names += [view["name"] if isinstance(view, dict) else view for view in shown["views"]]
    assert {"entries", "revisions", "gone", "edited", "latest", "same"} <= set(names)
    assert not {"search_data", "search_idx"} & set(names), "the index's own tables are hidden"
    for name in names:
        assert _get(tmp_path / "a.sqlite", f"/a/{name}.json?_shape=objects")["rows"] is not None
    [found] = _get(tmp_path / "a.sqlite", "/a/revisions.json?_search=mineria&_shape=objects")["rows"]
    assert found["title"] == "Minería en el Perú"


def _get(path: Path, address: str) -> Any:
    command = [sys.executable, "-W", "ignore", "-m", "datasette", str(path), "--get", address]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


# --- recipes --------------------------------------------------------------------------


class Recipe(NamedTuple):
    """A command or program of the document, and what it prints."""

    title: str
    language: str
    text: str
    printed: str


def recipes() -> list[Recipe]:
    """Return the recipes of the document, in its order."""
    sections = DOCUMENT.split("\n## ")[1:]
    return [Recipe(one.partition("\n")[0], *found) for one in sections for found in FENCED.findall(one)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that the packaged samples become."""
    folder = tmp_path_factory.mktemp("archive")
    command = [sys.executable, "-m", "scrapy", "crawl", "captures", "-s", f"ARCHIVE_DIR={folder}"]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``psgcrawl`` and what else the recipes call, of this environment."""
    folder = tmp_path_factory.mktemp("bin")
    for name, module in (
        ("psgcrawl", "psgcrawl"),
        ("scrapy", "scrapy"),
        ("datasette", "datasette"),
        ("sqlite-utils", "sqlite_utils"),
    ):
        python = f"PYTHONPATH={shlex.quote(str(PROJECT))} exec {shlex.quote(sys.executable)} -W ignore"
        (folder / name).write_text(f'#!/bin/sh\n{python} -m {module} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("recipe", recipes(), ids=[f"{number}: {one.title}" for number, one in enumerate(recipes(), 1)])
def test_a_recipe_prints_what_the_document_says(archive: Path, programs: Path, tmp_path: Path, recipe: Recipe) -> None:
    for name in NEEDS[recipe.title.partition(":")[0]]:
        if shutil.which(name) is None and find_spec(name) is None:
            pytest.skip(f"{name} is not installed here: `make service` needs it")
    if "parquet" in recipe.text:
        needed("pyarrow")
    command = ["sh", "-eu"] if recipe.language == "sh" else [sys.executable, "-W", "ignore"]
    environ = {"PATH": f"{programs}:/usr/bin:/bin", "PSGCRAWL_ARCHIVE": str(archive), "HOME": str(tmp_path)}
    ran = subprocess.run(
        [*command, "-c", recipe.text], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == recipe.printed


def test_every_recipe_is_run_and_every_block_is_one() -> None:
    titles = re.findall(r"^## (.*)$", DOCUMENT, re.MULTILINE)
    found = recipes()
    assert {recipe.title for recipe in found} == set(titles)
    assert {title.partition(":")[0] for title in titles} == set(NEEDS)
    assert len(re.findall(r"^```(?:sh|python)$", DOCUMENT, re.MULTILINE)) == len(found)


def test_the_schemas_judge_a_whole_history(weeks: Told, tmp_path: Path) -> None:
    jsonschema = needed("jsonschema")
    for name, words in (("entry", []), ("revision", ["--revisions"]), ("change", ["--since", "start"])):
        data = export(weeks.archive.folder, tmp_path / name, "jsonl", "news", *words)
        for line in lines(data):
            jsonschema.validate(line, schemas.published(f"export-{name}"))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(lines(data)[0] | {"captured": "2018"}, schemas.published(f"export-{name}"))
