"""``python -m psgcrawl.schemas``: write the schemas, and the tables of ``docs/data-format.md``, again."""

import re
import sys
from pathlib import Path

from psgcrawl import schemas

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n)(?:(?!<!-- ).*?\n)?(<!-- /table -->)", re.DOTALL)


def with_tables(document: str) -> str:
    """Return ``document`` with each table between its marks as the code has it."""
    homes = [sys.modules[record.__module__] for record in schemas.RECORDS.values()]

    def fresh(match: re.Match[str]) -> str:
        record = next(getattr(home, match[2]) for home in homes if hasattr(home, match[2]))
        return f"{match[1]}{schemas.table(record)}\n{match[3]}"

    return _TABLE.sub(fresh, document)


def main(project: Path) -> None:
    """Write into the project's own folder."""
    for name in schemas.RECORDS:
        (project / "psgcrawl" / "schemas" / f"{name}.schema.json").write_text(schemas.text(name), encoding="utf-8")
    document = project / "docs" / "data-format.md"
    document.write_text(with_tables(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
