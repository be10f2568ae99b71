"""``datapackage.json``: what a snapshot holds, to the byte, and where it comes from.

A Data Package of version 2 (https://datapackage.org/standard/), so that programs that
know nothing of this project can read and check a snapshot; what is ours is under the
member ``psgcrawl``. There is no licence in it: the texts are not ours to license.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import msgspec
from msgspec import Meta, Struct

from psgcrawl import site
from psgcrawl.archive import durable, jsonl
from psgcrawl.archive.schemaless import without_schemas
from psgcrawl.archive.sourceless import without_sources
from psgcrawl.errors import DamagedData
from psgcrawl.records import FORMAT, Entry, PageRow, Provenance

MANIFEST: Final = "datapackage.json"
ENTRIES: Final = "entries.jsonl"
PAGES: Final = "pages.jsonl"
WARC: Final = "pages.warc.gz"
KEPT_APART: Final = "kept-apart.json"
"""The manifest that a crawl had while it was kept apart, byte for byte; of snapshots that a person accepted."""

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"

_TABLES: Final[dict[str, tuple[type, str | None]]] = {ENTRIES: (Entry, "id"), PAGES: (PageRow, None)}
_MEDIA_TYPES: Final = {".jsonl": "application/jsonl", ".warc.gz": "application/warc", ".json": "application/json"}
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class StoredFile(Struct, frozen=True):
    """One file of a snapshot as its manifest states it."""

    path: str
    """Its name in the snapshot's folder."""
    bytes: int
    sha256: str
    records: int | None = None
    """How many records it holds; of a WARC alone."""


class Manifest(Struct, frozen=True):
    """What a manifest says, as far as this package acts on it."""

    sha256: str
    """SHA-256 of ``datapackage.json`` itself: what the run log holds."""
    title: str
    description: str
    files: tuple[StoredFile, ...]
    provenance: Provenance

    @property
    def notes(self) -> list[str]:
        """What the givers of the captures say about them: the description without the notice of rights."""
        notes = self.description.partition("\n\n")[2]
        return [notes] if notes else []


class About(Struct, frozen=True, kw_only=True):
    """What a manifest tells people about a snapshot."""

    collection: str
    name: str
    """The snapshot's name."""
    created: str
    """When the manifest was written."""
    title: str | None = None
    """In place of the title that collection and time give."""
    urls: Sequence[str | None] = ()
    """Addresses of the pages; ``None`` for a file without one."""
    notes: Sequence[str] = ()
    """What the givers of the captures say about them."""


def build_manifest(about: About, files: Sequence[StoredFile], provenance: Provenance) -> bytes:
    """Return the bytes of ``datapackage.json``, files in the order given, indented by 2, ASCII, a line feed at the end.

    Files other than entries and pages become resources without a table schema.
    """
    package = {
        "$schema": PROFILE,
        "name": f"psgcrawl-{about.collection}-{about.name}".lower(),
        "title": about.title or default_title(about.collection, provenance),
        "description": "\n\n".join([site.current().rights, *dict.fromkeys(about.notes)]),
        "created": about.created,
        "sources": [_source(url) for url in dict.fromkeys(about.urls)],
        "resources": [_resource(file) for file in files],
        "psgcrawl": msgspec.to_builtins(provenance),
    }
    # As json.dumps(package, indent=2) would, in 0.04 ms and not in 0.65: its sources name every page.
    return msgspec.json.format(jsonl.dumps(package), indent=2) + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """Return what the manifest of the snapshot in ``folder`` says; the files themselves are not looked at.

    :raises DamagedData: ``…/datapackage.json: problem``; also when a later version of psgcrawl wrote another ``format``
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedData(f"{path}: the file is missing") from error
    package = _quickly(data) or _plainly(data, str(path))
    files = tuple(
        StoredFile(file.path, file.bytes, file.hash.removeprefix("sha256:"), file.records) for file in package.resources
    )
    _check_files(path, [file.path for file in files])
    return Manifest(
        sha256=hashlib.sha256(data).hexdigest(),
        title=package.title,
        description=package.description,
        files=files,
        provenance=package.psgcrawl,
    )


def verify_files(folder: Path) -> list[str]:
    """Return what is wrong with the files of the snapshot in ``folder``, in words; nothing when all is as stated.

    Every file is read and hashed. Files that the manifest does not name are wrong, too.

    :raises DamagedData: when the manifest cannot be read
    """
    stated = {file.path: file for file in read_manifest(folder).files}
    problems = [problem for file in stated.values() for problem in _verify(folder / file.path, file)]
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    return problems + [f"{folder / name}: not in the manifest" for name in sorted(present - stated.keys())]


def _quickly(data: bytes) -> "_Package | None":
    """Return what a sound manifest holds, in a quarter of the time of :func:`_plainly`; None for any other."""
    rest = without_schemas(without_sources(data))
    try:
        package = jsonl.decode(rest, _Package, "", unique=False)
        jsonl.refuse_duplicates(rest)
    except (DamagedData, ValueError, RecursionError):
        return None
    return package if package.psgcrawl.format == FORMAT else None


def _plainly(data: bytes, place: str) -> "_Package":
    """Return what a manifest holds.

    :raises DamagedData: as :func:`read_manifest`
    """
    known = jsonl.decode(data, _Format, place).psgcrawl.format
    if known != FORMAT:
        raise DamagedData(
            f"{place}: format {known}, and this version of psgcrawl reads format {FORMAT}: use the other version"
        )
    return jsonl.decode(data, _Package, place, unique=False)


class _Resource(msgspec.Struct, frozen=True):
    path: Annotated[str, Meta(pattern=f"^{_FILE_NAME.pattern}$")]
    bytes: Annotated[int, Meta(ge=0)]
    hash: Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$")]
    records: Annotated[int, Meta(ge=0)] | None = None


class _Package(msgspec.Struct, frozen=True):
    title: str
    description: str
    resources: list[_Resource]
    psgcrawl: Provenance


class _FormatOnly(msgspec.Struct, frozen=True):
    format: int


class _Format(msgspec.Struct, frozen=True):
    psgcrawl: _FormatOnly


def _check_files(path: Path, names: list[str]) -> None:
    def damaged(problem: str) -> NoReturn:
        raise DamagedData(f"{path}: {problem}")

    for name in names:
        if names.count(name) > 1:
            damaged(f"file {name!r} is named twice")
    for name in (ENTRIES, PAGES):
        if name not in names:
            damaged(f"no resource for {name!r}")
    if MANIFEST in names:
        damaged("names itself as a resource")


def _verify(path: Path, stated: StoredFile) -> list[str]:
    if not path.is_file():
        return [f"{path}: the file is missing"]
    length, sha256 = durable.digest(path)
    if length != stated.bytes:
        return [f"{path}: {length} bytes, the manifest says {stated.bytes}"]
    if sha256 != stated.sha256:
        return [f"{path}: SHA-256 is {sha256}, the manifest says {stated.sha256}"]
    return []


def default_title(collection: str, provenance: Provenance) -> str:
    """Return the title of a snapshot to which nobody gave one."""
    captured = provenance.captured
    when = f"from {captured.since} to {captured.until}" if captured.until else f"not before {captured.since}"
    return f"{collection}, captured {captured.since if captured.known else when}"


def _source(url: str | None) -> dict[str, str]:
    if url is None:
        return {"title": "a file without address"}
    if url.startswith(("http://", "https://")):
        return {"title": url, "path": url}
    return {"title": url}


def _resource(file: StoredFile) -> dict[str, Any]:
    name = file.path.removesuffix(".jsonl").lower()
    media_type = next(
        (media for suffix, media in _MEDIA_TYPES.items() if file.path.endswith(suffix)), "application/octet-stream"
    )
    state = {"bytes": file.bytes, "hash": f"sha256:{file.sha256}"}
    if file.records is not None:
        state["records"] = file.records
    if file.path not in _TABLES:
        return {"name": name, "path": file.path, "mediatype": media_type, **state}
    # Loaded where a manifest is written: it looks into types, which commands that only read need not.
    from psgcrawl.archive.tableschema import table_schema  # noqa: PLC0415 - see above

    kind, key = _TABLES[file.path]
    # An empty file is a table without rows to us, but frictionless cannot read one
    # ("generator raised StopIteration"): then it is described as what it also is.
    form = {"type": "table", "format": "jsonl"} if file.bytes else {"format": "text"}
    return {
        "name": name,
        "path": file.path,
        **form,
        "mediatype": media_type,
        "encoding": "utf-8",
        **state,
        "schema": table_schema(kind, key),
    }
