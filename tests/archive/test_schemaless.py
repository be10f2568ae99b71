import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive import manifest, schemaless
from psgcrawl.archive.manifest import MANIFEST, build_manifest, read_manifest
from psgcrawl.archive.schemaless import without_schemas
from psgcrawl.errors import DamagedData
from tests.archive.test_manifest import ABOUT, FILES, PROVENANCE

DATA = build_manifest(ABOUT, FILES, PROVENANCE)
PUT = [b"", b"{", b"}", b'"', b",", b"\n      }", b'"schema": {\n', b"\x00", b"\xff", b" "]


def said(folder: Path, data: bytes) -> object:
    """What is read in a manifest of these bytes, or said of it."""
    (folder / MANIFEST).write_bytes(data)
    try:
        found = read_manifest(folder)
    except DamagedData as error:
        return str(error)
    return found


def said_plainly(folder: Path, data: bytes) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "_quickly", lambda _: None)
        return said(folder, data)


def test_what_is_left_is_the_manifest_without_its_schemas() -> None:
    package = json.loads(DATA)
    for resource in package["resources"]:
        if "schema" in resource:
            assert resource["schema"]["fields"]
            resource["schema"] = {}
    rest = without_schemas(DATA)
    assert json.loads(rest) == package
    assert len(rest) < len(DATA) / 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"fields": [', b'"fields": [], "fields": ['),
        (b'"type": "string"', b'"type": NaN'),
        (b'"type": "string"', b'"type": "\xff"'),
        (b'"type": "string"', b'"type": string'),
        (b'"missingValues": []', b'"missingValues": [}'),
        (b'"schema": {\n', b'"schema": [\n'),
        (b'"schema": {\n', b'"schema": {},\n        "schema": {\n'),
        (b'"schema": {\n', b'"title": "schema": {\n'),
        (b'"title": "', b'"title": ""schema": {\n      },'),
        (b'"bytes": 10,', b'"bytes": 10, "bytes": 10,'),
        (b'"format": 1,', b'"format": 2,'),
    ],
)
def test_what_is_not_sound_is_told_in_the_same_words(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert old in DATA
    damaged = DATA.replace(old, new, 1)
    expected = said_plainly(tmp_path, damaged)
    assert isinstance(expected, str)
    assert said(tmp_path, damaged) == expected


@given(st.data())
def test_a_manifest_in_which_anything_was_changed_is_read_as_without_the_short_way(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    at = data.draw(st.integers(0, len(DATA) - 1))
    cut = data.draw(st.integers(0, 300))
    put = data.draw(st.sampled_from(PUT))
    changed = DATA[:at] + put + DATA[at + cut :]
    assert said(folder, changed) == said_plainly(folder, changed)


def test_a_schema_in_other_words_is_read_as_well(tmp_path: Path) -> None:
    package = json.loads(DATA)
    compact = json.dumps(package).encode()
    assert without_schemas(compact) == compact
    found = said(tmp_path, compact)
    assert isinstance(found, manifest.Manifest)
    assert found.files == tuple(FILES)


def test_a_schema_that_is_known_is_told_from_one_that_only_begins_like_it() -> None:
    """What was looked through once is found again by its bytes; another one is looked through as the first was."""
    assert len(without_schemas(DATA)) < len(DATA)
    [*_, last] = DATA.split(b'"missingValues": []')[:-1]
    longer = DATA.replace(last, last.replace(b'"fields": [', b'"fields": [], "fields": ['))
    assert longer != DATA
    assert without_schemas(longer) == longer


def test_no_more_schemas_are_remembered_than_there_is_room_for() -> None:
    for number in range(2 * schemaless._KNOWN):
        schema = b'{"schema": {\n        "fields": [%d]\n      }}' % number
        assert without_schemas(schema) == b'{"schema": {}}'
    assert len(schemaless._sound) == schemaless._KNOWN
    assert without_schemas(DATA) != DATA
