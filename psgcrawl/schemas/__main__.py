"""``python -m psgcrawl.schemas``: write the schemas, and the tables of the documents, again."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from psgcrawl import schemas

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n)(?:(?!<!-- ).*?\n)?(<!-- /table -->)", re.DOTALL)


def with_tables(document: str) -> str:
    """Return ``document`` with each table between its marks as the code has it."""
    records = {**schemas.RECORDS, **schemas.EXPORTS}
    homes = [sys.modules[record.__module__] for record in records.values()]

    def fresh(match: re.Match[str]) -> str:
        record = next(getattr(home, match[2]) for home in homes if hasattr(home, match[2]))
        return f"{match[1]}{schemas.table(record)}\n{match[3]}"

    return _TABLE.sub(fresh, document)


def main(project: Path) -> None:
    """Write what is stored, and what commands print, into the project's own folder."""
    _write(project, schemas.RECORDS, "data-format.md")


def exported(project: Path) -> None:
    """Write what is exported into the project's own folder."""
    _write(project, schemas.EXPORTS, "exporting.md")


def _write(project: Path, names: Iterable[str], name_of_document: str) -> None:
    for name in names:
        (project / "psgcrawl" / "schemas" / f"{name}.schema.json").write_text(schemas.text(name), encoding="utf-8")
    document = project / "docs" / name_of_document
    document.write_text(with_tables(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for write in (main, exported):
        write(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
