"""The WACZ file itself: what is in it, and in which order."""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import IO, Any, BinaryIO, Final

from psgcrawl import SOFTWARE, site
from psgcrawl.archive import jsonl
from psgcrawl.archive.sorting import Sorter
from psgcrawl.exports.chosen import Chosen
from psgcrawl.exports.sums import Sums, again
from psgcrawl.exports.wacz import cdxj, evidence, unmodified
from psgcrawl.exports.zipping import ZipWriter

HELP: Final = "one file with the raw pages, for replay in a browser (WACZ)"
SUFFIX: Final = ".wacz"

VERSION: Final = "1.1.1"
"""Of the format."""

_INDEX: Final = "index.cdx.gz"
_SMALL_INDEX: Final = "index.idx"
_IN_MEMORY: Final = 1 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the format's own options: it has none."""
    parser.epilog = "Open it at replayweb.page, or add it to pywb; docs/exporting.md says how."


def write(chosen: Sequence[Chosen], _args: argparse.Namespace, stream: BinaryIO, note: Callable[[str], None]) -> str:
    """Write the WACZ of ``chosen`` to ``stream``; return for people what is in it.

    :raises DamagedData: for evidence that is not as it was written
    :raises NotFound: where nothing was kept that could be replayed
    :raises UsageError: for what cannot be put into one file
    """
    with ExitStack() as stack:
        index, pages = stack.enter_context(Sorter()), stack.enter_context(Sorter())
        files, without = evidence.find(chosen)
        for name in without:
            note(f"{name}: no raw pages were kept of this snapshot: left out")
        made = _temporary(stack)
        takers = evidence.Takers(index, pages, unmodified.Unmodified(made), note, partial(_temporary, stack))
        gathered = evidence.gather(files, without, takers)
        parts = [_Part(f"archive/{one.evidence.name}", one.sums, one.pieces) for one in gathered.files]
        if takers.unmodified.sums.size:
            parts.append(_Part(f"archive/{unmodified.NAME}", takers.unmodified.sums, partial(again, made)))
        parts += _indexes(index, stack)
        shown = Counter[str]()
        parts.append(_buffered("pages/pages.jsonl", _listed(pages, shown), stack))
        package = _package(chosen, gathered, parts)
        parts.append(_Part.of("datapackage.json", package))
        digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(package).hexdigest()}"}
        parts.append(_Part.of("datapackage-digest.json", _document(digest)))
        zipped = ZipWriter(stream)
        for part in parts:
            zipped.add(part.name, part.sums.size, part.sums.crc, part.pieces())
        zipped.close()
    return _said(gathered, shown.total())


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of the WACZ."""

    name: str
    sums: Sums
    pieces: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, name: str, data: bytes) -> "_Part":
        return cls(name, Sums(data), lambda: [data])


def _buffered(name: str, data: Iterable[bytes], stack: ExitStack) -> _Part:
    """Return a part of which the length is only known once it was made; larger ones lie on disk meanwhile."""
    file = _temporary(stack)
    sums = Sums()
    for piece in data:
        file.write(piece)
        sums.update(piece)
    return _Part(name, sums, partial(again, file))


def _temporary(stack: ExitStack) -> IO[bytes]:
    return stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))


def _indexes(lines: Iterable[bytes], stack: ExitStack) -> list[_Part]:
    """Return the two files of the index."""
    places: list[bytes] = []

    def compressed() -> Iterator[bytes]:
        for data, place in cdxj.blocks(cdxj.distinct(lines), _INDEX):
            places.append(place)
            yield data

    return [
        _buffered(f"indexes/{_INDEX}", compressed(), stack),
        _Part.of(f"indexes/{_SMALL_INDEX}", b"".join(places)),
    ]


def _listed(pages: Iterable[bytes], shown: Counter[str]) -> Iterator[bytes]:
    """Yield the lines of the list of pages, oldest first, and count them."""
    yield jsonl.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All pages"}) + b"\n"
    for line in pages:
        shown["pages"] += 1
        yield line.partition(b" ")[2] + b"\n"


def _package(chosen: Sequence[Chosen], gathered: evidence.Gathered, parts: Sequence[_Part]) -> bytes:
    """Return ``datapackage.json``. ``created`` is when the youngest snapshot in it was."""
    snapshots = [snapshot for one in gathered.files for snapshot in one.evidence.snapshots]
    left_out = [f"Left out, since no raw pages were kept: {', '.join(gathered.without)}."] if gathered.without else []
    withheld = [f"Pages withheld at the demand of others: {gathered.withheld}."] if gathered.withheld else []
    return _document(
        {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": f"{', '.join(group.collection for group in chosen)}: pages of {site.current().called}",
            "description": " ".join([site.current().rights, *left_out, *withheld]),
            "created": max(snapshot.manifest().provenance.finished for snapshot in snapshots),
            "software": SOFTWARE,
            "resources": [
                {
                    "name": part.name.rpartition("/")[2].lower(),
                    "path": part.name,
                    "hash": f"sha256:{part.sums.sha256}",
                    "bytes": part.sums.size,
                }
                for part in parts
            ],
        }
    )


def _document(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=2).encode("ascii") + b"\n"


def _said(gathered: evidence.Gathered, shown: int) -> str:
    size = sum(one.sums.size for one in gathered.files)
    withheld = f", {gathered.withheld} withheld" if gathered.withheld else ""
    return f"{len(gathered.files)} WARC files ({size} bytes), {shown} pages{withheld}"
