"""What a torture counts and says."""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Figures:
    """Of one kind of fault."""

    name: str
    points: int = 0
    """Different places at which it struck."""
    runs: int = 0
    violations: list[str] = field(default_factory=list)
    skipped: str | None = None
    """Why it could not be tried on this machine."""
    notes: list[str] = field(default_factory=list)

    def add(self, where: str, problems: list[str]) -> None:
        """Count a run, and what it violated; that is printed at once."""
        self.runs += 1
        for problem in problems:
            self.violations.append(f"{where}: {problem}")
            tell(f"    violated: {self.name}: {where}: {problem}")

    def __str__(self) -> str:
        if self.skipped is not None:
            return f"{self.name}: skipped: {self.skipped}"
        told = f"{self.name}: {self.points} points, {self.runs} runs, {len(self.violations)} violations"
        return "; ".join([told, *self.notes])


def tell(line: str) -> None:
    """Print at once: it takes long."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def concluded(found: Iterable[Figures]) -> int:
    """Print the figures as they come; return the exit code: 1 for violations."""
    violations = 0
    for figures in found:
        tell(str(figures))
        violations += len(figures.violations)
    return 1 if violations else 0


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for as long as the block lasts; in memory, where there is one: syncing a disk would take hours."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="torture-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
