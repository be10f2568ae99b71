"""What was measured, kept as JSON: of each path what was measured last."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.contest import Row
from benchmarks.growth import Grown

FOLDER: Final = Path(__file__).with_name("results")
PUBLISHED: Final = FOLDER / "published.json"
"""What ``docs/performance.md`` shows."""
GROWTH: Final = "growth"


@dataclass
class Results:
    """Results of one machine."""

    path: Path
    machine: dict[str, Any]
    paths: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By path: its ``rows``, how many ``rounds``, the day, and the machine's load before and after."""
    growth: list[Grown] = field(default_factory=list)

    @staticmethod
    def usual(*, small: bool) -> Path:
        """Return where results go by default."""
        return FOLDER / ("small.json" if small else "full.json")

    @classmethod
    def opened(cls, path: Path, machine: dict[str, Any]) -> Self:
        """Return the results at ``path`` to go on with, if they are of this machine; else new ones."""
        found = cls.read(path) if path.exists() else None
        return found if found and found.machine == machine else cls(path, machine)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the results that a file holds."""
        told = json.loads(path.read_text("utf-8"))
        return cls(path, told["machine"], told["paths"], [Grown(**one) for one in told["growth"]])

    def keep(self, path: str, rows: list[Row], rounds: int, load: tuple[float, float]) -> None:
        """Take in what was measured of a path."""
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        self.paths[path] = {"day": day, "rounds": rounds, "load": load, "rows": [asdict(row) for row in rows]}

    def rows(self) -> list[Row]:
        """Return all rows, in the order of the paths."""
        return [Row(**row) for told in self.paths.values() for row in told["rows"]]

    def write(self) -> None:
        """Write the file."""
        self.path.parent.mkdir(exist_ok=True)
        told = {"machine": self.machine, "paths": self.paths, "growth": [asdict(one) for one in self.growth]}
        self.path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
