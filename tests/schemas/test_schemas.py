import json
import re
from pathlib import Path

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from psgcrawl import schemas
from psgcrawl.schemas.__main__ import main, with_tables
from tests.fitting import fits

PROJECT = Path(__file__).parents[2]
DOCUMENT = PROJECT / "docs" / "data-format.md"

ENTRY = {
    "id": "article-1133",
    "date_earliest": "2004-04-30",
    "date_latest": "2004-04-30",
    "date_edtf": "2004-04-30",
    "kind": "entry",
    "series": "Update",
    "issue": 103,
    "title": "Parliamentary Delegation to Peru",
    "summary": "",
    "url": None,
    "caption": None,
    "categories": [],
    "modified": None,
    "dateline": "Update 103. 30 April 2004",
    "flags": [],
}


@pytest.mark.parametrize("name", sorted(schemas.RECORDS))
def test_the_published_schema_is_the_one_that_the_code_makes(name: str) -> None:
    file = PROJECT / "psgcrawl" / "schemas" / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schemas.text(name), "python -m psgcrawl.schemas writes it again"


@pytest.mark.parametrize("name", sorted(schemas.RECORDS))
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schemas.published(name))


def test_an_entry_is_judged_by_the_schema() -> None:
    fits(ENTRY, "entry")
    fits(ENTRY | {"later": "a field that a reader does not know"}, "entry")
    for wrong in (
        {"date_earliest": "30 April 2004"},
        {"kind": "advertisement"},
        {"issue": "103"},
        {"flags": ["unheard-of"]},
        {"title": None},
    ):
        with pytest.raises(jsonschema.ValidationError):
            fits(ENTRY | wrong, "entry")
    for field in ENTRY:
        with pytest.raises(jsonschema.ValidationError):
            fits({name: value for name, value in ENTRY.items() if name != field}, "entry")


def test_the_tables_of_the_data_format_are_those_of_the_code() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert with_tables(document) == document, "python -m psgcrawl.schemas writes them again"


def test_the_data_format_describes_every_record_that_is_stored() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    tables = set(re.findall(r"<!-- table: (\w+) -->", document))
    stored = {record for name in schemas.RECORDS for record in json.loads(schemas.text(name))["$defs"]}
    assert stored == tables


def test_every_flag_is_explained() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    explained = set(
        re.findall(r"^\| `([a-z-]+)` \| ", document.partition("### Flags")[2].partition("###")[0], re.MULTILINE)
    )
    flags = schemas.published("entry")["$defs"]["Entry"]["properties"]["flags"]["items"]["enum"]
    assert explained == set(flags)


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "psgcrawl" / "schemas").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    document = DOCUMENT.read_text(encoding="utf-8")
    (tmp_path / "docs" / "data-format.md").write_text(
        re.sub(r"(<!-- table: Entry -->\n).*?(<!-- /table -->)", r"\1\2", document, flags=re.DOTALL), encoding="utf-8"
    )
    main(tmp_path)
    assert (tmp_path / "docs" / "data-format.md").read_text(encoding="utf-8") == document
    assert {path.name for path in (tmp_path / "psgcrawl" / "schemas").iterdir()} == {
        f"{name}.schema.json" for name in schemas.RECORDS
    }
