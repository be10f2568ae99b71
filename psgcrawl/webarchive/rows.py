"""The answers of an index, in the four dialects that are spoken.

==============  ==============================================================================
Internet        one JSON array of arrays; the first names the fields; at the end, where there
Archive         is more, ``[]`` and ``["KEY"]``
the same, text  fields between spaces, a line a capture; at the end an empty line and the key
pywb            one JSON object a line (NDJSON)
pywb, CDXJ      ``urlkey timestamp {object}``, a line a capture
==============  ==============================================================================

Which of them it is, is told by the answer itself: other archives speak one of these from
other addresses.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from psgcrawl.errors import PsgcrawlError
from psgcrawl.webarchive.addresses import instant

Dialect = Literal["arrays", "text", "objects", "cdxj"]

_TEXT_FIELDS: Final = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_NAMES: Final = {"original": "url", "mimetype": "mime", "statuscode": "status"}
"""The Internet Archive's names of what pywb calls otherwise."""
_CDXJ: Final = re.compile(r"(\S+) ([0-9]{1,17}) (\{.*\})\s*\Z", re.ASCII)
_TEXT: Final = re.compile(r"\S+ [0-9]{1,17} \S+ \S+ \S+ \S+(?: \S+)*\s*\Z", re.ASCII)
_DIGEST: Final = re.compile(r"(?:sha1:)?([A-Z2-7]{32})\Z", re.IGNORECASE)
_STATUS: Final = re.compile(r"[1-9][0-9]{2}\Z", re.ASCII)
_SHOWN: Final = 80


class NoIndex(PsgcrawlError):
    """What came is no answer of an index; the message says what it looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A capture, as an index lists it."""

    urlkey: str
    stamp: str
    """When: 14 digits, UTC."""
    url: str
    """As it was captured, whatever variant."""
    mime: str
    status: int | None
    """None where the index does not say: a ``warc/revisit`` has none."""
    digest: str | None
    """SHA-1 of the payload in base 32, without ``sha1:``; None where the index has none, or another one."""


@dataclass(slots=True)
class Answer:
    """What an index said."""

    dialect: Dialect | None
    """None for an answer without a row, by which it cannot be told."""
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    """How many rows it had, bad ones too."""
    resume: str | None = None
    """The key for the rest, where there is one."""
    bad: list[str] = field(default_factory=list)
    """What was no row that can be meant: ``problem``."""


def parse(body: bytes) -> Answer:
    """Return what an index said. Nothing at all, and an empty array, is an answer: it has no captures.

    :raises NoIndex: for what is none of the four dialects
    """
    text = body.decode("utf-8", "replace").strip("\ufeff")
    stripped = text.strip()
    if not stripped:
        return Answer(None)
    if stripped.startswith("["):
        return _arrays(stripped)
    first = stripped.split("\n", 1)[0]
    if stripped.startswith("{"):
        return _lines(text, "objects", _object)
    if _CDXJ.match(first):
        return _lines(text, "cdxj", _cdxj)
    if _TEXT.match(first):
        return _spaced(text)
    raise NoIndex(f"no answer of an index: it begins with {stripped[:_SHOWN]!a}")


def _arrays(text: str) -> Answer:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoIndex(f"no JSON: {error}") from error
    lists = [one for one in said if isinstance(one, list)]
    if len(lists) < len(said):
        raise NoIndex(f"no array of arrays: {text[:_SHOWN]!a}")
    if not lists:
        return Answer(None)
    names, *rows = lists
    answer = Answer("arrays")
    if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1:
        answer.resume = str(rows[-1][0])
        rows = rows[:-2]
    for row in rows:
        _take(answer, dict(zip(map(str, names), row, strict=False)) if len(row) == len(names) else {}, str(row))
    return answer


def _spaced(text: str) -> Answer:
    answer = Answer("text")
    lines = text.rstrip("\n").split("\n")
    if len(lines) >= 2 and not lines[-2].strip():
        answer.resume = lines[-1].strip() or None
        lines = lines[:-2]
    for line in filter(None, map(str.strip, lines)):
        values = line.split(" ")
        named = dict(zip(_TEXT_FIELDS, values, strict=False)) if len(values) >= len(_TEXT_FIELDS) - 1 else {}
        _take(answer, named, line)
    return answer


def _lines(text: str, dialect: Dialect, read: Any) -> Answer:  # noqa: ANN401 - one of the two functions below
    answer = Answer(dialect)
    for line in filter(None, map(str.strip, text.split("\n"))):
        _take(answer, read(line), line)
    return answer


def _object(line: str) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _cdxj(line: str) -> Mapping[str, Any]:
    found = _CDXJ.match(line)
    return {"urlkey": found[1], "timestamp": found[2], **_object(found[3])} if found else {}


def _take(answer: Answer, said: Mapping[str, Any], shown: str) -> None:
    answer.count += 1
    row = _row({_NAMES.get(name, name): str(value) for name, value in said.items()})
    if row is None:
        answer.bad.append(f"no row of an index: {shown[:_SHOWN]!a}")
    else:
        answer.rows.append(row)


def _row(said: Mapping[str, str]) -> Row | None:
    stamp, url = said.get("timestamp", ""), said.get("url", "")
    if instant(stamp) is None or not url.isascii() or not url.isprintable() or " " in url or not url:
        return None
    digest = _DIGEST.match(said.get("digest", ""))
    status = said.get("status", "")
    return Row(
        urlkey=said.get("urlkey", ""),
        stamp=stamp,
        url=url,
        mime=said.get("mime", ""),
        status=int(status) if _STATUS.match(status) else None,
        digest=digest[1].upper() if digest else None,
    )


def once(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, each once: indexes repeat some, and say nothing new by it."""
    yield from dict.fromkeys(rows)
