"""What is fuzzed: a part of the package that takes bytes from elsewhere, and what must hold of it for all bytes."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
CORPUS: Final = PROJECT / "tests" / "fixtures" / "fuzz"
"""A folder for each target, with files that the plain suite feeds to it again."""
NAMES: Final = tuple(sorted(path.stem for path in (Path(__file__).parent / "targets").glob("[a-z]*.py")))
"""Of all targets: each is a module of ``tests/fuzz/targets``."""

Check = Callable[[bytes], None]
"""Feeds bytes to what is fuzzed. Documented errors are answers; whatever else it raises is a find."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One part, and how it is fuzzed."""

    check: Check
    all_of: Check | None = None
    """All that is asked of the same bytes, where ``check`` asks a part of it, to run more often."""
    seeds: Callable[[], Iterable[bytes]]
    """What a mutation begins with: bytes that are as they should be."""
    words: Sequence[bytes] = ()
    """Pieces by which the format is told, which chance would take long to hit."""
    longest: int = 4096
    """Bytes; what is longer finds little more and costs time."""


def load(name: str) -> Target:
    """Return the target of that name."""
    target = import_module(f"tests.fuzz.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target


def kept(name: str) -> list[Path]:
    """Return the regression corpus of a target, by name."""
    return sorted((CORPUS / name).glob("*"))


def name_of(data: bytes) -> str:
    """Return by which name bytes are kept: the beginning of their SHA-256, so that none is kept twice."""
    return hashlib.sha256(data).hexdigest()[:16]
