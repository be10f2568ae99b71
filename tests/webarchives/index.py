"""The index of captures, asked as the Internet Archive's is asked, and as pywb's is.

What is different between the two is what ``scrapy crawl wayback`` has to tell apart: output,
names of fields, filters, what a limit means, and how one goes on behind it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus, unquote_plus

from .taken import Taken, urlkey

Query = Mapping[str, Sequence[str]]
Row = dict[str, str]

FIELDS: Final = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
"""Of the Internet Archive, in its order."""


@dataclass(frozen=True)
class Said:
    """What an index answers."""

    body: bytes
    status: int = 200
    content_type: str = "text/plain"


def row_of(taken: Taken) -> Row:
    """Return the Internet Archive's row of a capture, by field."""
    revisit = taken.repeats is not None
    return {
        "urlkey": taken.key(),
        "timestamp": taken.stamp,
        "original": taken.url,
        "mimetype": "warc/revisit" if revisit else taken.media_type,
        "statuscode": "-" if revisit else str(taken.status),
        "digest": taken.digest,
        "length": str(450 if revisit else 400 + len(taken.payload) // 3),
    }


def internet_archive(captures: Iterable[Taken], query: Query, *, unbounded: int = 100, repeat: int = 7) -> Said:
    """Answer as the Internet Archive's older server does.

    :param unbounded: more captures than that are not told without a limit: 504
    :param repeat: every so many rows, one comes twice
    """
    if not _one(query, "url"):
        return Said(b"The url= param is required\n", 400)
    rows = sorted(
        (row_of(taken) for taken in captures if _matches(taken.key(), query)),
        key=lambda row: (row["urlkey"], row["timestamp"]),
    )
    rows = [row for row in rows if _between(row["timestamp"], query)]
    if "limit" not in query and len(rows) > unbounded:
        return Said(b"<html><body><h1>504 Gateway Time-out</h1></body></html>", 504, "text/html")
    rows = [row for number, row in enumerate(rows, 1) for _ in range(1 + (number % repeat == 0))]
    rows = [row for row in rows if all(_passes(row, text) for text in query.get("filter", ()))]
    rows = _collapsed(_resumed(rows, _one(query, "resumeKey")), _one(query, "collapse"))
    asked = (_one(query, "fl") or ",".join(FIELDS)).split(",")
    fields = [name for name in asked if name in FIELDS]
    shown, last = _limited(rows, _one(query, "limit"))
    key = _key(last, fields) if _one(query, "showResumeKey") == "true" and last is not None else None
    if _one(query, "output") == "json":
        return Said(_arrays(shown, fields, key), content_type="application/json")
    lines = [" ".join(row[name] for name in fields) for row in shown]
    return Said("".join(f"{line}\n" for line in [*lines, *(["", key] if key else [])]).encode())


def _one(query: Query, name: str) -> str | None:
    return query[name][-1] if query.get(name) else None


def _matches(key: str, query: Query, *, sessions: bool = False) -> bool:
    url = _one(query, "url") or ""
    kind = _one(query, "matchType") or "exact"
    if url.endswith("*"):
        url, kind = url[:-1], "prefix"
    asked = urlkey(url, sessions=sessions)
    host, mine = asked.partition(")")[0], key.partition(")")[0]
    return {
        "exact": key == asked,
        "prefix": key.startswith(asked),
        "host": mine == host,
        "domain": mine == host or mine.startswith(f"{host},"),
    }[kind]


def _between(stamp: str, query: Query) -> bool:
    first, last = (_one(query, "from") or "0").ljust(14, "0"), (_one(query, "to") or "9").ljust(14, "9")
    return first <= stamp <= last


def _passes(row: Row, text: str) -> bool:
    """Tell whether a row passes ``[!]field:regex``, which is of the whole value."""
    denied = text.startswith("!")
    field, _, expression = text.removeprefix("!").partition(":")
    return field in row and (re.fullmatch(expression, row[field]) is not None) != denied


def _collapsed(rows: Sequence[Row], by: str | None) -> list[Row]:
    """Drop rows that are, in the ``field[:N]``, like the one right before them."""
    if by is None:
        return list(rows)
    field, _, length = by.partition(":")
    values = [row[field][: int(length) if length else None] for row in rows]
    return [row for number, row in enumerate(rows) if number == 0 or values[number] != values[number - 1]]


def _limited(rows: Sequence[Row], limit: str | None) -> tuple[Sequence[Row], Row | None]:
    """Return the rows within the limit, and the last of them if others follow."""
    if limit is None:
        return rows, None
    if int(limit) < 0:
        return rows[int(limit) :], None
    shown = rows[: int(limit)]
    return shown, shown[-1] if shown and len(rows) > len(shown) else None


def _key(row: Row, fields: Sequence[str]) -> str:
    """Return where to go on; it is made of the fields that are shown, so that it may lack the address."""
    return quote_plus(f"{row['urlkey'] if 'urlkey' in fields else '-'} {row['timestamp']}!")


def _resumed(rows: Sequence[Row], given: str | None) -> list[Row]:
    """Return what follows a key; one without address leads somewhere else, years later."""
    if given is None:
        return list(rows)
    address, _, stamp = unquote_plus(given).rstrip("!").rpartition(" ")
    if address == "-":
        return [row for row in rows if int(row["timestamp"][:4]) > int(stamp[:4]) + 1]
    return [row for row in rows if (row["urlkey"], row["timestamp"]) > (address, stamp)]


def _arrays(rows: Sequence[Row], fields: Sequence[str], key: str | None) -> bytes:
    if not rows:
        return b"[]\n"
    lines: list[list[str]] = [list(fields), *([row[name] for name in fields] for row in rows)]
    if key is not None:
        lines += [[], [key]]
    return (json.dumps(lines).replace("], [", "],\n[") + "\n").encode()


# --- pywb ----------------------------------------------------------------------------------


def pywb_row_of(taken: Taken) -> Row:
    """Return pywb's row of a capture: a revisit has no status at all."""
    row = {
        "urlkey": taken.key(sessions=True),
        "timestamp": taken.stamp,
        "url": taken.url,
        "mime": "warc/revisit" if taken.repeats is not None else taken.media_type,
        "status": str(taken.status),
        "digest": taken.digest,
        "length": str(400 + len(taken.payload) // 3),
        "offset": str(1000 + int(taken.stamp) % 99991),
        "filename": "past.warc.gz",
        "source": "psg/indexes/index.cdxj",
        "source-coll": "psg",
        "access": "allow",
    }
    if taken.repeats is not None:
        del row["status"]
    return row


_ALIASES: Final = {"statuscode": "status", "mimetype": "mime", "original": "url"}
_OUTPUTS: Final = {"json", "cdxj", "text", "link"}


def pywb(captures: Iterable[Taken], query: Query) -> Said:
    """Answer as pywb does: no resume key, no collapsing, nothing found is an empty body."""
    output = _one(query, "output") or "cdxj"
    if not _one(query, "url"):
        return _refused('The "url" param is required')
    if output not in _OUTPUTS:
        return _refused(f"output={output} not supported")
    if (_one(query, "matchType") or "exact") not in {"exact", "prefix", "host", "domain"}:
        return _refused("Invalid match type")
    if any(name in query and not (_one(query, name) or "").isdecimal() for name in ("from", "to")):
        return Said(b"", content_type=_CONTENT_TYPES[output])
    rows = [pywb_row_of(taken) for taken in captures if _matches(taken.key(sessions=True), query, sessions=True)]
    rows = sorted(rows, key=lambda row: (row["urlkey"], row["timestamp"]))
    rows = [row for row in rows if _between(row["timestamp"], query)]
    try:
        for text in query.get("filter", ()):
            passes = _pywb_filter(text)
            rows = [row for row in rows if passes(row)]
    except re.error as error:
        return Said(f"Internal Server Error: {error}".encode(), 500)
    if _one(query, "sort") == "reverse":
        rows.reverse()
    limit = _one(query, "limit")
    rows = rows[: max(0, int(limit))] if limit is not None else rows
    fields = (_one(query, "fl") or _one(query, "fields") or "").split(",")
    return Said("".join(_pywb_line(row, fields, output) for row in rows).encode(), content_type=_CONTENT_TYPES[output])


_CONTENT_TYPES: Final = dict.fromkeys(_OUTPUTS, "text/plain") | {"json": "text/x-ndjson", "cdxj": "text/x-cdxj"}


def _refused(message: str) -> Said:
    return Said(json.dumps({"message": message}).encode(), 400, "application/json")


def _pywb_filter(text: str) -> Callable[[Row], bool]:
    """Return what ``[!][=~]field:expression`` asks; without a sign, that the value holds the expression."""
    denied = text.startswith("!")
    text = text.removeprefix("!")
    sign = text[:1] if text[:1] in {"=", "~"} else ""
    field, _, expression = text.removeprefix(sign).partition(":")
    field = _ALIASES.get(field, field)
    pattern = re.compile(expression) if sign == "~" else None

    def passes(row: Row) -> bool:
        value = row.get(field, "")
        if pattern is not None:
            return (pattern.match(value) is not None) != denied
        return (value == expression if sign == "=" else expression in value) != denied

    return passes


def _pywb_line(row: Row, fields: Sequence[str], output: str) -> str:
    shown = {name: value for name, value in row.items() if name in fields} if fields != [""] else row
    if output == "json":
        return json.dumps(shown) + "\n"
    rest = {name: value for name, value in shown.items() if name not in {"urlkey", "timestamp"}}
    return f"{row['urlkey']} {row['timestamp']} {json.dumps(rest)}\n"
