import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive import sourceless
from psgcrawl.archive.jsonl import is_as_manifests_are
from psgcrawl.archive.manifest import MANIFEST, About, Manifest, build_manifest, read_manifest
from psgcrawl.archive.sourceless import without_sources
from psgcrawl.records import replace
from tests.archive.test_manifest import ABOUT, FILES, PROVENANCE
from tests.archive.test_schemaless import said, said_plainly

ADDRESSES = [f"http://example.org/?position={number}" for number in range(40)]
ABOUT_MANY = About(
    collection="news", name="x", created=ABOUT.created, urls=[*ADDRESSES[:30], None, 'a "quoted" é', *ADDRESSES[30:]]
)
MANY = build_manifest(ABOUT_MANY, FILES, PROVENANCE)
FIRST, LAST = MANY.index(b'\n  "sources"'), MANY.index(b'\n  "resources"')
PUT = [b"", b"{", b"}", b"[", b"]", b'"', b",", b"\n", b"\n  ]", b"\n    },\n", b"\n    }", b"\x00", b"\xff", b" ",
    b'"title": "x",', b'\n  "sources": [\n', b'\n  "sources": [],'
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def short() -> Iterator[None]:
    """Let a few sources be many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sourceless, "LONG", 300)
        yield


def test_what_is_left_is_the_manifest_without_its_sources() -> None:
    package = json.loads(MANY)
    assert len(package["sources"]) == 42
    package["sources"] = []
    rest = without_sources(MANY)
    assert json.loads(rest) == package
    assert is_as_manifests_are(rest)
    assert rest == build_manifest(replace(ABOUT_MANY, urls=[]), FILES, PROVENANCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"title": "a file', b'"title": "a", "title": "a file', id="a key twice"),
        pytest.param(b'"title": "a file without address"', b'"title": 1', id="a title that is none"),
        pytest.param(b'"title": "a file', b'"title":  "a file', id="another space"),
        pytest.param(b"\\u00e9", "é".encode(), id="another escape"),
        pytest.param(b"\\u00e9", b"\\u00E9", id="another escape, in capitals"),
        pytest.param(b"\\u00e9", b"\xe9", id="no UTF-8"),
        pytest.param(b"    }\n  ],\n", b"    },\n  ],\n", id="a comma behind the last"),
        pytest.param(b"    }\n  ],\n", b"    },\n\n  ],\n", id="a comma and a line behind the last"),
        pytest.param(b"    }\n  ],\n", b"    }\n\n  ],\n", id="a line behind the last"),
        pytest.param(b"    }\n  ],\n", b"    }\n", id="no end"),
        pytest.param(b"    },\n    {", b"    }\n    {", id="no comma"),
        pytest.param(b'\n  "sources": [\n', b'\n  "sources": [\n\n', id="a line before the first"),
        pytest.param(b'"title": "a file', b'"title": "a\n  ],', id="a line in a string"),
    ],
)
def test_what_is_not_as_it_must_be_stays(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert old in MANY
    changed = MANY.replace(old, new, 1)
    assert without_sources(changed) == changed
    assert said(tmp_path, changed) == said_plainly(tmp_path, changed)


@given(st.data())
def test_a_manifest_whose_sources_were_changed_is_read_as_without_the_short_way(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    at = data.draw(st.integers(FIRST, LAST + 20))
    cut = data.draw(st.sampled_from([0, 1, 2, 7, 100, 700]))
    changed = MANY[:at] + data.draw(st.sampled_from(PUT)) + MANY[at + cut :]
    assert said(folder, changed) == said_plainly(folder, changed)
    assert is_as_manifests_are(without_sources(changed)) == is_as_manifests_are(changed)


def test_a_short_manifest_stays_as_it_is() -> None:
    data = build_manifest(replace(ABOUT_MANY, urls=[None]), FILES, PROVENANCE)
    sourceless_ = without_sources(data)
    assert b'"sources": []' in sourceless_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sourceless, "LONG", len(data) + 1)
        assert without_sources(data) is data


def test_of_many_sources_few_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sourceless, "LONG", 1 << 14)
    urls = [f"http://example.org/news.php?position={number}" for number in range(6_000)]
    data = build_manifest(replace(ABOUT_MANY, urls=urls), FILES, PROVENANCE)
    (tmp_path / MANIFEST).write_bytes(data)
    tracemalloc.start()
    try:
        assert isinstance(read_manifest(tmp_path), Manifest)
        assert tracemalloc.get_traced_memory()[1] < 1.5 * len(data)
    finally:
        tracemalloc.stop()
