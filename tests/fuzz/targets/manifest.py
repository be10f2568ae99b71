"""``datapackage.json`` -> what a snapshot holds."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, Manifest, default_title, read_manifest, verify_files
from psgcrawl.errors import DamagedData
from psgcrawl.records import FORMAT, Provenance
from tests.fuzz.target import PROJECT, Target


def check(data: bytes) -> None:
    """Read a manifest, and hold an empty folder against it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / MANIFEST).write_bytes(data)
        manifest = _read(folder)
        assert _read(folder) == manifest
        if isinstance(manifest, str):
            assert manifest.startswith(f"{folder / MANIFEST}: ")
            return
        _is_sound(manifest)
        assert manifest.sha256 == sha256(data).hexdigest()
        missing = [f"{folder / file.path}: the file is missing" for file in manifest.files]
        assert verify_files(folder) == missing


def _read(folder: Path) -> Manifest | str:
    try:
        return read_manifest(folder)
    except DamagedData as error:
        return str(error)


def _is_sound(manifest: Manifest) -> None:
    assert manifest.provenance.format == FORMAT
    paths = [file.path for file in manifest.files]
    assert {ENTRIES, PAGES} <= set(paths)
    assert len(set(paths)) == len(paths)
    # Nothing that a manifest says leads out of its folder, or to a hidden file.
    assert all(path == Path(path).name and not path.startswith(".") for path in paths)
    assert all(file.bytes >= 0 and len(file.sha256) == 64 for file in manifest.files)
    assert default_title("news", manifest.provenance)
    written = jsonl.dumps(manifest.provenance)
    assert jsonl.decode(written, Provenance, "manifest") == manifest.provenance


def seeds() -> Iterator[bytes]:
    """Yield the manifests of the stored sample, and the same without table schemas, which nobody here reads."""
    for path in sorted((PROJECT / "tests" / "fixtures" / "formats" / "1-1").rglob(MANIFEST))[:2]:
        yield path.read_bytes()
    yield (
        b'{"title":"t","description":"d","resources":[{"path":"entries.jsonl","bytes":1,"hash":"sha256:'
        + b"0" * 64
        + b'"},{"path":"pages.jsonl","bytes":1,"hash":"sha256:'
        + b"0" * 64
        + b'"}],"psgcrawl":{"format":1,"software":"s","derivation":1,"derived_from":null,"spider":"news",'
        b'"arguments":{},"source":"live","captured":{"from":"2017-02-18T06:00:00Z","to":null},'
        b'"started":"2017-02-18T06:00:00Z","finished":"2017-02-18T06:00:00Z","finish_reason":"finished",'
        b'"counts":{"pages":1,"entries":{"entry":1}},"coverage":{"listing":"news","complete":false,"end":null,'
        b'"positions":[[0,0]],"gaps":[]}}}\n'
    )


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(f'"{name}":'.encode() for name in Provenance.__struct_fields__),
        *(
            b'"resources":',
            b'"path":',
            b'"bytes":',
            b'"hash":"sha256:',
            b'"records":',
            b'"psgcrawl":',
            b'"format":1',
            b'"title":',
        ),
        *(
            b"../",
            b"/",
            b"\\u0000",
            b"\\ud800",
            b"entries.jsonl",
            b"pages.jsonl",
            b"pages.warc.gz",
            b"datapackage.json",
            b".x",
        ),
        *(b"1e400", b"-1", b"9" * 40, b"[" * 64, b"null", b"\xed\xa0\x80"),
    ],
    longest=16384,
)
