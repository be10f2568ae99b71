import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import (
    ENTRIES,
    MANIFEST,
    PAGES,
    About,
    StoredFile,
    build_manifest,
    read_manifest,
    verify_files,
)
from psgcrawl.archive.write import write_snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.records import Counts, Coverage, Edition, Entry, PageRow, Provenance, replace
from psgcrawl.site import GROUP
from tests.archive.making import NOON, RUN, after, at, contents, entry, page

PROVENANCE = Provenance(
    format=1,
    software="psgcrawl 0",
    derivation=1,
    derived_from=Edition(name="20170218T060000Z", sha256="0" * 64),
    spider="captures",
    arguments={"path": "é"},
    source="file",
    captured=at(NOON),
    started=NOON,
    finished=NOON,
    finish_reason="finished",
    counts=Counts(pages=1, entries={"entry": 1, "notice": 0, "boilerplate": 0}),
    coverage=Coverage(listing="news", complete=False, end=None, positions=[(0, 10)], gaps=[]),
)
FILES = [StoredFile(ENTRIES, 10, "a" * 64), StoredFile(PAGES, 20, "b" * 64), StoredFile("pages.warc.gz", 30, "c" * 64)]
ABOUT = About(collection="news", name="20170218T060000Z.e2", created="2024-01-01T00:00:05Z")


def built(about: About = ABOUT, files: list[StoredFile] = FILES, provenance: Provenance = PROVENANCE) -> Any:
    return json.loads(build_manifest(about, files, provenance))


def test_a_manifest_is_a_data_package_with_our_member() -> None:
    package = built()
    assert list(package) == [
        "$schema", "name", "title", "description", "created", "sources", "resources", "psgcrawl",
    ]  # fmt: skip
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["name"] == "psgcrawl-news-20170218t060000z.e2"
    assert package["created"] == "2024-01-01T00:00:05Z"
    assert msgspec.convert(package["psgcrawl"], Provenance) == PROVENANCE
    assert list(package["psgcrawl"]) == list(Provenance.__struct_fields__)
    assert package["psgcrawl"]["captured"] == {"from": NOON, "to": NOON}


def test_the_bytes_are_ascii_indented_and_end_with_a_line_feed() -> None:
    data = build_manifest(ABOUT, FILES, PROVENANCE)
    assert data.isascii()
    assert data.startswith(b'{\n  "$schema"')
    assert data.endswith(b"}\n")
    assert not data.endswith(b"\n\n")
    assert data == json.dumps(json.loads(data), indent=2).encode() + b"\n"


def test_the_texts_are_under_no_licence_and_the_manifest_says_so() -> None:
    data = build_manifest(ABOUT, FILES, PROVENANCE)
    assert b'"licen' not in data
    assert built()["description"] == GROUP.rights


def test_notes_follow_the_rights_each_once() -> None:
    about = About(collection="news", name="x", created=NOON, notes=["Synthetic.", "Found in 2024.", "Synthetic."])
    assert built(about)["description"] == f"{GROUP.rights}\n\nSynthetic.\n\nFound in 2024."


def test_sources_are_addresses_each_once_and_only_web_addresses_are_paths() -> None:
    about = About(
        collection="news", name="x", created=NOON, urls=["https://a/?b=1", None, "ftp://c/", None, "http://d/"]
    )
    assert built(about)["sources"] == [
        {"title": "https://a/?b=1", "path": "https://a/?b=1"},
        {"title": "a file without address"},
        {"title": "ftp://c/"},
        {"title": "http://d/", "path": "http://d/"},
    ]


@pytest.mark.parametrize(
    ("captured", "title"),
    [
        (at(NOON), f"news, captured {NOON}"),
        (at(NOON, "2017-02-18T13:00:00Z"), f"news, captured from {NOON} to 2017-02-18T13:00:00Z"),
        (after(NOON), f"news, captured not before {NOON}"),
    ],
)
def test_the_title_says_what_and_when(captured: Any, title: str) -> None:
    assert built(provenance=replace(PROVENANCE, captured=captured))["title"] == title


def test_a_title_can_be_given() -> None:
    assert built(About(collection="a", name="b", created=NOON, title="Synthetic"))["title"] == "Synthetic"


def test_every_file_is_a_resource_with_length_and_hash() -> None:
    entries, pages, warc = built()["resources"]
    assert {key: entries[key] for key in entries if key != "schema"} == {
        "name": "entries",
        "path": "entries.jsonl",
        "type": "table",
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "bytes": 10,
        "hash": "sha256:" + "a" * 64,
    }
    assert entries["schema"]["primaryKey"] == ["id"]
    assert (pages["name"], pages["path"], "primaryKey" in pages["schema"]) == ("pages", "pages.jsonl", False)
    assert warc == {
        "name": "pages.warc.gz",
        "path": "pages.warc.gz",
        "mediatype": "application/warc",
        "bytes": 30,
        "hash": "sha256:" + "c" * 64,
    }


def test_a_file_of_another_kind_is_just_bytes() -> None:
    [resource] = built(files=[StoredFile("Notes.bin", 1, "d" * 64)])["resources"]
    assert (resource["name"], resource["mediatype"]) == ("notes.bin", "application/octet-stream")


def test_an_empty_table_does_not_call_itself_one() -> None:
    [resource] = built(files=[StoredFile(ENTRIES, 0, "d" * 64)])["resources"]
    assert "type" not in resource
    assert resource["format"] == "text"
    assert resource["schema"]["fields"]


@pytest.mark.parametrize(("kind", "index"), [(Entry, 0), (PageRow, 1)])
def test_a_table_schema_has_the_fields_of_the_record_in_order(kind: Any, index: int) -> None:
    schema = built()["resources"][index]["schema"]
    assert [field["name"] for field in schema["fields"]] == list(kind.__struct_fields__)
    assert all(field["description"] for field in schema["fields"])
    assert schema["missingValues"] == []


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A committed snapshot."""
    with CollectionLock(tmp_path, "news") as lock:
        return write_snapshot(lock, [page(entry())], RUN).folder


def test_what_was_built_is_read(snapshot: Path) -> None:
    manifest = read_manifest(snapshot)
    assert manifest.sha256 == hashlib.sha256((snapshot / MANIFEST).read_bytes()).hexdigest()
    assert [file.path for file in manifest.files] == [ENTRIES, PAGES]
    assert manifest.files[0].bytes == (snapshot / ENTRIES).stat().st_size
    assert manifest.files[0].sha256 == hashlib.sha256((snapshot / ENTRIES).read_bytes()).hexdigest()
    assert manifest.provenance.spider == "captures"
    assert manifest.title == f"news, captured {NOON}"
    assert GROUP.rights in manifest.description
    assert verify_files(snapshot) == []


def rewritten(snapshot: Path, change: Callable[[Any], None]) -> None:
    package = json.loads((snapshot / MANIFEST).read_bytes())
    change(package)
    (snapshot / MANIFEST).write_text(json.dumps(package))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(lambda p: p["psgcrawl"].update(format=2), "format 2, and this version", id="a later format"),
        pytest.param(
            lambda p: p.update(psgcrawl={"format": 2}), "format 2, and this version", id="a later format, all other"
        ),
        pytest.param(lambda p: p.pop("psgcrawl"), "no 'psgcrawl' field", id="no member of ours"),
        pytest.param(lambda p: p["psgcrawl"].pop("spider"), "no 'spider' field", id="a field missing"),
        pytest.param(lambda p: p["resources"].pop(0), "no resource for 'entries.jsonl'", id="entries not named"),
        pytest.param(lambda p: p["resources"].pop(1), "no resource for 'pages.jsonl'", id="pages not named"),
        pytest.param(
            lambda p: p["resources"].append(p["resources"][0]), "'entries.jsonl' is named twice", id="a file twice"
        ),
        pytest.param(
            lambda p: p["resources"].append({"path": MANIFEST, "bytes": 0, "hash": "sha256:" + "0" * 64}),
            "names itself",
            id="the manifest in itself",
        ),
        pytest.param(lambda p: p["resources"][0].update(path="../x"), "matching regex", id="a file elsewhere"),
        pytest.param(lambda p: p["resources"][0].update(path="/etc/passwd"), "matching regex", id="an absolute path"),
        pytest.param(lambda p: p["resources"][0].update(path="a/b"), "matching regex", id="a file below"),
        pytest.param(lambda p: p["resources"][0].update(hash="md5:0"), "matching regex", id="another hash"),
        pytest.param(lambda p: p["resources"][0].update(bytes=-1), ">= 0", id="a negative length"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_problem(
    snapshot: Path, change: Callable[[Any], None], problem: str
) -> None:
    rewritten(snapshot, change)
    with pytest.raises(DamagedData) as raised:
        read_manifest(snapshot)
    assert str(raised.value).startswith(f"{snapshot / MANIFEST}: ")
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty line"),
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b'{"psgcrawl":{"format":1,"format":1}}', "duplicate key 'format'"),
    ],
)
def test_what_is_no_manifest_is_named(snapshot: Path, data: bytes, problem: str) -> None:
    (snapshot / MANIFEST).write_bytes(data)
    with pytest.raises(DamagedData, match=f"{MANIFEST}: {problem}"):
        read_manifest(snapshot)


def test_no_manifest_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedData, match=r"datapackage\.json: the file is missing"):
        read_manifest(tmp_path)


def test_fields_that_this_version_does_not_know_are_ignored(snapshot: Path) -> None:
    rewritten(snapshot, lambda package: package["psgcrawl"].update(later=[1]))
    assert verify_files(snapshot) == []


def test_every_single_changed_byte_of_a_file_is_found(snapshot: Path) -> None:
    for name in (ENTRIES, PAGES):
        data = (snapshot / name).read_bytes()
        for offset in range(0, len(data), 7):
            (snapshot / name).write_bytes(data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :])
            [problem] = verify_files(snapshot)
            assert problem.startswith(f"{snapshot / name}: SHA-256 is ")
        (snapshot / name).write_bytes(data)


def test_a_cut_file_a_missing_one_and_a_foreign_one_are_found(snapshot: Path) -> None:
    data = (snapshot / ENTRIES).read_bytes()
    (snapshot / ENTRIES).write_bytes(data[:-1])
    (snapshot / PAGES).rename(snapshot / "elsewhere.jsonl")
    assert verify_files(snapshot) == [
        f"{snapshot / ENTRIES}: {len(data) - 1} bytes, the manifest says {len(data)}",
        f"{snapshot / PAGES}: the file is missing",
        f"{snapshot / 'elsewhere.jsonl'}: not in the manifest",
    ]


def test_looking_changes_nothing(snapshot: Path) -> None:
    before = contents(snapshot.parent)
    verify_files(snapshot)
    assert contents(snapshot.parent) == before
