"""Captures that lie in files, and the sidecar that says what they are.

A sidecar ``captures.jsonl`` stands beside the files it describes, one object a line:

``file``
    name of the capture, relative to the sidecar's folder; required.
``url``
    the address that was captured.
``captured_at``
    when, RFC 3339 with its offset (``2017-02-18T06:00:00Z``).
``not_before``, ``not_after``
    what is known instead where the moment is not.
``collection``
    where its entries go; else the listing that the address names, else ``unknown``.
``title``
    what the snapshot should be called: the manifest's title.
``note``
    what should be said about it: goes into the manifest's description.

Other members are ignored. A capture that has no time has none: nothing is taken from
the file's own dates, which tell when it was copied.

Names that begin with a dot and links to folders are passed over, and so is every file
that is no capture by its name; a sidecar line about one of them is wrong.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Any, Final

from psgcrawl import site, urls
from psgcrawl.errors import BadCapture, UsageError
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.records import Basis, Captured

SIDECAR: Final = "captures.jsonl"
MEDIA_TYPES: Final = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}
"""Which files are captures, and what they hold."""

UNKNOWN: Final = "unknown"
"""The collection of captures of which nobody says what they are."""

_COLLECTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
# Newer Pythons take 24:00:00 for the next day's midnight, RFC 3339 does not know it.
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ](?!24)\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
# The name of a file whose bytes are no UTF-8 has some; text has none.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TIMES: Final = ("captured_at", "not_before", "not_after")
_MEMBERS: Final = ("file", "url", "captured_at", "not_before", "not_after", "collection", "title", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCapture:
    """A capture in a file, with what its sidecar says."""

    source: Traversable
    place: str
    """The file's name as a person would type it."""
    media_type: str
    url: str | None = None
    collection: str | None = None
    """As the sidecar names it; None where it does not."""
    captured_at: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    title: str | None = None
    note: str | None = None

    def read(self) -> bytes:
        """Return the file's bytes, one more than the limit at most.

        :raises BadCapture: for a file that cannot be read.
        """
        try:
            # To open a pipe would wait for a writer, for ever.
            if not self.source.is_file():
                raise BadCapture(f"{self.place}: cannot be read: no such file, or not a regular one")
            with self.source.open("rb") as file:
                return bytes(file.read(MAX_BYTES + 1))
        except OSError as error:
            raise BadCapture(f"{self.place}: cannot be read: {error.strerror or error}") from error

    def where(self) -> tuple[str, int | None]:
        """Return the collection and the position in its listing.

        Another site's ``news.php`` has positions, too, but is none of the group's listings.
        """
        here = urls.listing_page(self.url)
        page = urls.listing_page(self.url, self.url)
        return self.collection or (here.listing if here else UNKNOWN), page.position if page else None

    def captured(self) -> tuple[Captured, Basis]:
        """Return when it was captured as far as the sidecar says, and how that is known."""
        if self.captured_at is not None:
            return Captured(since=self.captured_at, until=self.captured_at), "given"
        return Captured(since=self.not_before or site.EARLIEST, until=self.not_after), "bound"


def find(path: Traversable, shown: str) -> Iterator[FileCapture | BadCapture]:
    """Yield the captures at ``path``, a file or a folder (recursively, sorted by name), and what is wrong.

    :param shown: how a person names ``path``; what is yielded is named below it.
    :raises UsageError: where there is nothing at ``path``, or no capture in it.
    """
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError as error:
        raise UsageError(f"path: {shown!r}: {error.strerror or error}") from error
    if is_file:
        yield from _one(path, shown)
    elif is_folder:
        found = False
        for capture in _folder(path, shown):
            found = True
            yield capture
        if not found:
            raise UsageError(f"path: {shown}: no {', '.join(MEDIA_TYPES)} file in it")
    else:
        raise UsageError(f"path: {shown!r}: no such file or folder")


def _one(path: Traversable, shown: str) -> Iterator[FileCapture | BadCapture]:
    suffix = PurePosixPath(path.name).suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise UsageError(f"path: {shown}: not a capture: its name does not end in {', '.join(MEDIA_TYPES)}")
    sidecar = _Sidecar()
    parent = getattr(path, "parent", None)
    place = str(PurePosixPath(shown).parent / SIDECAR)
    if parent is not None and (parent / SIDECAR).is_file():
        sidecar = _read_sidecar(parent / SIDECAR, place)
    # Only what the sidecar says of this one file matters here.
    yield from (problem for name, problem in sidecar.problems if name in {None, path.name})
    yield from _described(path, shown, path.name, [("", sidecar)])


def _folder(folder: Traversable, shown: str) -> Iterator[FileCapture | BadCapture]:
    """Yield what is in ``folder``; the sidecar of a folder speaks for the folders below it, too."""
    yield from _below(folder, shown, [], "")


def _below(
    folder: Traversable, shown: str, above: "list[tuple[str, _Sidecar]]", prefix: str
) -> Iterator[FileCapture | BadCapture]:
    sidecars = above
    own: _Sidecar | None = None
    try:
        described = (folder / SIDECAR).is_file()
        items = sorted(folder.iterdir(), key=lambda item: item.name)
    except OSError as error:
        yield BadCapture(f"{shown}: cannot be read: {error.strerror or error}")
        return
    if described:
        own = _read_sidecar(folder / SIDECAR, f"{shown}/{SIDECAR}")
        sidecars = [*above, (prefix, own)]
        yield from (problem for _, problem in own.problems)
    for item in items:
        name, place = prefix + item.name, f"{shown}/{item.name}"
        if item.name.startswith("."):
            continue
        if item.is_dir():
            # A link to a folder could lead round in a circle.
            if not getattr(item, "is_symlink", lambda: False)():
                yield from _below(item, place, sidecars, name + "/")
        elif PurePosixPath(item.name).suffix.lower() in MEDIA_TYPES:
            yield from _described(item, place, name, sidecars)
    if own is not None:
        yield from own.unmet(folder, f"{shown}/{SIDECAR}")


def _described(
    item: Traversable, place: str, name: str, sidecars: "list[tuple[str, _Sidecar]]"
) -> Iterator[FileCapture | BadCapture]:
    """Yield a file as the nearest sidecar that knows it describes it; nothing where that line is wrong."""
    media_type = MEDIA_TYPES[PurePosixPath(item.name).suffix.lower()]
    for prefix, sidecar in sidecars:
        sidecar.met.add(name.removeprefix(prefix))
    for prefix, sidecar in reversed(sidecars):
        relative = name.removeprefix(prefix)
        if relative in sidecar.wrong:
            # Said already, with its line.
            return
        if relative in sidecar.lines:
            said = {key: value for key, value in sidecar.lines[relative].items() if key != "file"}
            yield FileCapture(source=item, place=place, media_type=media_type, **said)
            return
        if sidecar.torn:
            yield BadCapture(f"{place}: held back: a line of its sidecar cannot be read and may be about it")
            return
    yield FileCapture(source=item, place=place, media_type=media_type)


@dataclass(slots=True)
class _Sidecar:
    """A sidecar as read: good lines by file, and what is wrong with the others."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    """Files whose line is wrong: they wait until it is right, lest they land in the wrong place."""
    met: set[str] = field(default_factory=set)
    """Files that were found, by their names from here."""
    torn: bool = False
    """Whether some line does not even say which file it is about."""
    problems: list[tuple[str | None, BadCapture]] = field(default_factory=list)

    def unmet(self, folder: Traversable, place: str) -> Iterator[BadCapture]:
        """Yield what the lines name that is no capture of ``folder``."""
        for name, number in self.numbers.items():
            if name not in self.met and name not in self.wrong:
                problem = "is passed over: no capture by its name" if _exists(folder, name) else "no such file"
                yield BadCapture(f"{place}:{number}: {name!r}: {problem}")


def _exists(folder: Traversable, name: str) -> bool:
    try:
        return folder.joinpath(*name.split("/")).is_file()
    except OSError:  # a name that is too long for the system
        return False


def _read_sidecar(path: Traversable, place: str) -> _Sidecar:
    sidecar = _Sidecar()
    try:
        body = path.read_bytes()
    except OSError as error:
        sidecar.torn = True
        sidecar.problems.append((None, BadCapture(f"{place}: cannot be read: {error.strerror or error}")))
        return sidecar
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        name: str | None = None
        try:
            said = _object(line)
            name = _file_name(said)
            _refuse_again(name, sidecar.numbers)
            sidecar.numbers[name] = number
            sidecar.lines[name] = _checked(said)
        except ValueError as error:
            sidecar.problems.append((name, BadCapture(f"{place}:{number}: {error}")))
            if name is None:
                sidecar.torn = True
            else:
                sidecar.wrong.add(name)
    return sidecar


def _refuse_again(name: str, numbers: Mapping[str, int]) -> None:
    if name in numbers:
        raise ValueError(f"{name!r} is described twice, first in line {numbers[name]}")


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: nested too deep") from error
    if not isinstance(said, dict):
        raise ValueError(f"not an object: {line[:40].decode('utf-8', 'replace')!r}")  # noqa: TRY004 - data, not a call
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a member stands twice in it")
    return said


def _file_name(said: Mapping[str, Any]) -> str:
    name = said.get("file")
    if not isinstance(name, str) or not name:
        raise ValueError("no 'file', which names the capture")
    if name.startswith("/") or ".." in name.split("/") or "\x00" in name:
        raise ValueError(f"'file': {name!r} is not below the sidecar's folder")
    return str(PurePosixPath(name))


def _checked(said: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: said.get(key) for key in _MEMBERS}
    for key, value in values.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key!r}: {value!r} is not text")
        if value is not None and key != "file" and _SURROGATE.search(value):
            raise ValueError(f"{key!r}: {value!r} holds half a character, which cannot be stored")
    for key in _TIMES:
        if values[key] is not None:
            values[key] = _instant(key, str(values[key]))
    if values["captured_at"] and (values["not_before"] or values["not_after"]):
        raise ValueError("'captured_at' says the moment: 'not_before' and 'not_after' cannot stand beside it")
    if values["not_before"] and values["not_after"] and values["not_before"] > values["not_after"]:
        raise ValueError(f"'not_before' {values['not_before']} is after 'not_after' {values['not_after']}")
    if values["collection"] is not None and not _COLLECTION.match(str(values["collection"])):
        raise ValueError(f"'collection': {values['collection']!r}: lower-case letters, digits and '-' only")
    url = values["url"]
    if url is not None and urls.canonical(url, None) is None:
        raise ValueError(f"'url': {url!r} is no http or https address")
    return values


def _instant(key: str, value: str) -> str:
    """Return an RFC 3339 time as UTC, whole seconds (a part of a second is dropped)."""
    if not _RFC3339.match(value):
        raise ValueError(f"{key!r}: {value!r} is no RFC 3339 time with its offset (2017-02-18T06:00:00Z)")
    try:
        moment = datetime.fromisoformat(value.upper().replace(" ", "T")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key!r}: {value!r}: {error}") from error
    instant = f"{moment.year:04d}{moment:-%m-%dT%H:%M:%SZ}"
    if instant < site.EARLIEST:
        raise ValueError(f"{key!r}: {value!r} is before the first page of the web")
    return instant
