"""The sidecar ``captures.jsonl`` beside captures in files, which says what they are.

One object a line:

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

Other members are ignored. Of a WARC or WACZ only the last three can be said: its records
say themselves what they are of, and when.
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
from psgcrawl.archive import names
from psgcrawl.errors import BadCapture

SIDECAR: Final = "captures.jsonl"
WARCS: Final = (".warc", ".warc.gz", ".wacz")
"""How names of files end that hold records, of many pages."""

# Newer Pythons take 24:00:00 for the next day's midnight, RFC 3339 does not know it.
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ](?!24)\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
# The name of a file whose bytes are no UTF-8 has some; text has none.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TIMES: Final = ("captured_at", "not_before", "not_after")
_OF_PAGES: Final = ("url", *_TIMES)
_MEMBERS: Final = ("file", *_OF_PAGES, "collection", "title", "note")


@dataclass(slots=True)
class Sidecar:
    """A sidecar as read: good lines by file, and what is wrong with the others."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The members named in this module's docstring, but ``file``; None where the line has them not."""
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


def read_sidecar(path: Traversable, place: str) -> Sidecar:
    """Return what a sidecar says; nothing that is wrong in it raises anything.

    :param place: how messages name it
    """
    sidecar = Sidecar()
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
    of_page = next((key for key in _OF_PAGES if values[key] is not None), None)
    if of_page and str(values["file"]).lower().endswith(WARCS):
        raise ValueError(f"{of_page!r}: a WARC says so itself, record by record")
    _check_times(values)
    if values["collection"] is not None and not names.is_collection(str(values["collection"])):
        raise ValueError(f"'collection': {values['collection']!r}: lower-case letters, digits and '-' only")
    url = values["url"]
    if url is not None and urls.canonical(url, None) is None:
        raise ValueError(f"'url': {url!r} is no http or https address")
    del values["file"]
    return values


def _check_times(values: dict[str, Any]) -> None:
    """Write the times in one way."""
    for key in _TIMES:
        if values[key] is not None:
            values[key] = _instant(key, str(values[key]))
    if values["captured_at"] and (values["not_before"] or values["not_after"]):
        raise ValueError("'captured_at' says the moment: 'not_before' and 'not_after' cannot stand beside it")
    if values["not_before"] and values["not_after"] and values["not_before"] > values["not_after"]:
        raise ValueError(f"'not_before' {values['not_before']} is after 'not_after' {values['not_after']}")


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
