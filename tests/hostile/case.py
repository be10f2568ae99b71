"""One row of the table of hostile input: what a spider or a command is given, and what must come of it."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.hostile import Answers

PIECE: Final = gzip.compress(bytes(16 << 20), mtime=0)
BOMB: Final = PIECE * 40
"""640 MiB as gzip, in members of 16: more than a row may take of memory, and made in a moment."""


@dataclass(frozen=True)
class Row:
    """A spider at a site or over files, or a command over an archive."""

    name: str
    code: int
    """The exit code."""
    words: str
    """A regular expression for what is said on standard error and in the log; nothing for what need not be said."""
    spider: str | None = None
    """None where it is a command."""
    answers: Mapping[str, Answers] = field(default_factory=dict)
    """Of the site, by target; without any there is none."""
    host: str = "127.0.0.1"
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Callable[[Path], None] | None = None
    """Fills the folder that the spider captures reads, or spoils the archive that the command looks at."""
    line: tuple[str, ...] = ()
    """Words of the command; ``{files}`` is the folder."""
    outcome: str | None = None
    """The only outcome in the log, where it tells more than the code does."""
