"""JSON Schemas of everything that is written for others, made from the records.

The files beside this one are what is published; ``python -m psgcrawl.schemas`` writes
them, and the tables of ``docs/data-format.md``, again after a change of the records. A
test holds both against the code.
"""

from importlib.resources import files
from inspect import cleandoc
from typing import Any, Final, get_args, get_type_hints

import msgspec

from psgcrawl.archive.aliases import Alias
from psgcrawl.archive.history.linking import Everywhere
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.runlog import LoggedRun
from psgcrawl.archive.withholding import Decision
from psgcrawl.cli.diff import Diff
from psgcrawl.cli.everywhere import Histories
from psgcrawl.cli.health import Status
from psgcrawl.cli.history import History
from psgcrawl.cli.rebuild import Rebuild
from psgcrawl.cli.run import Crawls
from psgcrawl.cli.snapshots import SnapshotList
from psgcrawl.cli.verify import Verification
from psgcrawl.exports.changes import ExportedChange
from psgcrawl.exports.jsonfeed import JsonFeed
from psgcrawl.exports.rows import ExportedEntry, ExportedRevision
from psgcrawl.notify.document import Notification
from psgcrawl.records import FORMAT, Entry, PageRow, Provenance

RECORDS: Final[dict[str, type]] = {
    "entry": Entry,
    "page": PageRow,
    "provenance": Provenance,
    "run": LoggedRun,
    "snapshots": SnapshotList,
    "verify": Verification,
    "diff": Diff,
    "history": History,
    "life": Life,
    "alias": Alias,
    "withholding": Decision,
    "histories": Histories,
    "everywhere": Everywhere,
    "rebuild": Rebuild,
    "crawls": Crawls,
    "status": Status,
    "notification": Notification,
}
"""What each schema describes: a line of ``entries.jsonl``, of ``pages.jsonl``, the member ``psgcrawl`` of
``datapackage.json``, a line of ``runs.jsonl``, what ``psgcrawl snapshots --json``, ``psgcrawl diff --json`` and
``psgcrawl history --json`` print, a line of ``psgcrawl history --jsonl``, a line of ``aliases.jsonl``
and of ``withheld.jsonl``, what ``psgcrawl history --all --json`` prints, a line of ``psgcrawl history --all --jsonl``,
what ``psgcrawl rebuild --json``, ``psgcrawl run --json`` and ``psgcrawl status --json`` print, and what hooks are
told."""

EXPORTS: Final[dict[str, type]] = {
    "export-entry": ExportedEntry,
    "export-revision": ExportedRevision,
    "export-change": ExportedChange,
    "export-feed": JsonFeed,
}
"""The same of what is exported, with tables in ``docs/exporting.md``: a line of ``psgcrawl export jsonl``, with
``--revisions``, with ``--since``, and what ``psgcrawl export jsonfeed`` writes."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """Return the schema of one of ``RECORDS`` or ``EXPORTS`` (JSON Schema 2020-12). Further members are allowed."""
    made = msgspec.json.schema({**RECORDS, **EXPORTS}[name])
    return {"$schema": _DIALECT, "$id": f"urn:psgcrawl:{FORMAT}:{name}", **_dedented(made)}


def _dedented(made: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its records' docstrings as Python has them from 3.13 on: without the indentation."""
    records = {
        name: {**record, **({"description": cleandoc(record["description"])} if "description" in record else {})}
        for name, record in made["$defs"].items()
    }
    return {**made, "$defs": records}


def text(name: str) -> str:
    """Return a schema as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema(name)), indent=2).decode("utf-8") + "\n"


def published(name: str) -> dict[str, Any]:
    """Return the schema that is shipped with the package."""
    shipped: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath(f"{name}.schema.json").read_bytes())
    return shipped


def table(record: type) -> str:
    """Return a record's fields as a table of Markdown: name on disk, type, meaning."""
    made = msgspec.json.schema(record)["$defs"][record.__name__]
    hints = get_type_hints(record, include_extras=True)
    lines = ["| field | type | meaning |", "|---|---|---|"]
    for (name, described), hint in zip(made["properties"].items(), hints.values(), strict=True):
        lines.append(f"| `{name}` | {_kind(described)} | {_meaning(hint).replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def _meaning(hint: object) -> str:
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta) and meta.description]
    return str(metas[0].description) if metas else ""


def _kind(described: dict[str, Any]) -> str:
    """Return the type of a property in words."""
    if "anyOf" in described:
        return " or ".join(_kind(one) for one in described["anyOf"])
    if "$ref" in described:
        return str(described["$ref"]).rpartition("/")[2]
    if "enum" in described:
        return ", ".join(f"`{value}`" for value in described["enum"])
    kind = described.get("type", "object")
    if kind == "array":
        return f"list of {_kind(described.get('items') or {'type': 'values'})}"
    return str(kind)
