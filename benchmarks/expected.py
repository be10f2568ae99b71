"""Which ratios are to be expected at small size, and what has doubled since."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.contest import Row

PATH: Final = Path(__file__).with_name("expected.json")
DOUBLED: Final = 2
_SECONDS: Final = ("s", "ms")


def read() -> dict[str, float]:
    """Return the ratios by their keys."""
    found: dict[str, float] = json.loads(PATH.read_text("ascii"))
    return found


def is_held(row: Row) -> bool:
    """Tell whether a row is compared at all: seconds are those of a machine, and what was taken off may leave noise."""
    return row.unit.split()[0].rstrip(",") not in _SECONDS and not row.less


def doubled(row: Row, expected: Mapping[str, float]) -> bool:
    """Tell whether a row is more than twice what is expected of it."""
    return is_held(row) and bool(row.values) and row.median > DOUBLED * expected.get(row.key, float("inf"))


def unaccounted(rows: Iterable[Row], expected: Mapping[str, float], *, whole: bool) -> list[str]:
    """Return what is measured and not expected or, where everything was to be measured, expected and not measured."""
    keys = {row.key for row in rows if is_held(row) and row.values}
    new = [
        f"{key}: nothing is expected of it; --expect writes what is measured" for key in sorted(keys - expected.keys())
    ]
    return new + [f"{key}: not measured" for key in sorted(expected.keys() - keys) if whole]


def write(rows: Iterable[Row], *, whole: bool) -> None:
    """Let what was measured be what is expected from now on; where not everything was, the rest stays."""
    found = {} if whole else read()
    found |= {row.key: float(f"{row.median:.3g}") for row in rows if is_held(row) and row.values}
    PATH.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", "ascii")
