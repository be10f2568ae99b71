"""Write the tables of ``docs/performance.md``: ``python -m benchmarks.publish [FILE]``.

FILE (what ``make bench`` wrote last, by default) becomes
``benchmarks/results/published.json``, which the tables are made from.
"""

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import Final

from benchmarks import table
from benchmarks.paths import PATHS
from benchmarks.results import PUBLISHED, Results

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def written(document: str, results: Results) -> str:
    """Return the document with the tables of these results between its marks."""
    order = [name for name in PATHS if name in results.paths]
    results.paths = {name: results.paths[name] for name in order}
    days = sorted({told["day"] for told in results.paths.values()})
    loads = [value for told in results.paths.values() for value in told["load"]]
    machine = (
        f"{table.machine(results.machine)} Measured {' to '.join(dict.fromkeys((days[0], days[-1])))}, "
        f"at a load of {min(loads)} to {max(loads)}."
    )
    for name, lines in (
        ("machine", [machine]),
        ("goals", list(table.markdown(results.rows()))),
        ("growth", list(table.growth(results.growth))),
    ):
        document, found = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda match, lines=lines: match[1] + "\n".join(lines) + "\n" + match[2],  # type: ignore[misc]  # lines
            document,
            flags=re.DOTALL,
        )
        if found != 1:
            raise ValueError(f"docs/performance.md: {found} places for {name!r}")
    return document


def main() -> None:
    """Publish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publish", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=Results.usual(small=False), metavar="FILE")
    args = parser.parse_args()
    if args.file != PUBLISHED:
        json.loads(args.file.read_text("utf-8"))
        shutil.copyfile(args.file, PUBLISHED)
    document = written(DOCUMENT.read_text("utf-8"), Results.read(PUBLISHED))
    DOCUMENT.write_text(document, "utf-8")


if __name__ == "__main__":
    main()
