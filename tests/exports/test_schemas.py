import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from psgcrawl import schemas
from psgcrawl.exports.sqlite.schema import KEYS, TABLES
from psgcrawl.schemas.__main__ import exported, with_tables

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs" / "exporting.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(schemas.EXPORTS))
def test_the_published_schema_is_the_one_that_the_code_makes(name: str) -> None:
    file = PROJECT / "psgcrawl" / "schemas" / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schemas.text(name), "python -m psgcrawl.schemas writes it again"
    Draft202012Validator.check_schema(schemas.published(name))
    assert f"`psgcrawl/schemas/{name}.schema.json`" in DOCUMENT


def test_the_tables_of_the_document_are_those_of_the_code() -> None:
    assert with_tables(DOCUMENT) == DOCUMENT, "python -m psgcrawl.schemas writes them again"
    tables = set(re.findall(r"<!-- table: (\w+) -->", DOCUMENT))
    assert tables >= {record.__name__ for record in schemas.EXPORTS.values()}


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "psgcrawl" / "schemas").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    cut = re.sub(r"(<!-- table: ExportedEntry -->\n).*?(<!-- /table -->)", r"\1\2", DOCUMENT, flags=re.DOTALL)
    (tmp_path / "docs" / "exporting.md").write_text(cut, encoding="utf-8")
    exported(tmp_path)
    assert (tmp_path / "docs" / "exporting.md").read_text(encoding="utf-8") == DOCUMENT
    assert {path.name for path in (tmp_path / "psgcrawl" / "schemas").iterdir()} == {
        f"{name}.schema.json" for name in schemas.EXPORTS
    }


def test_every_table_and_view_of_the_database_is_described() -> None:
    views = set(re.findall(r"CREATE VIEW (\w+)", TABLES))
    section = DOCUMENT.partition("## sqlite: a database")[2].partition("\n## ")[0]
    described = {
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"\w+", row)
    }
    assert described == set(KEYS) | {"search"} | views
