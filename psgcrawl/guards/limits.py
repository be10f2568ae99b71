"""The thresholds of the guards: the settings ``GUARD_…``, read and checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol

from psgcrawl import settings
from psgcrawl.errors import UsageError

PREFIX: Final = "GUARD_"


class Given(Protocol):
    """Where settings come from: a mapping, or Scrapy's."""

    def get(self, name: str, /) -> Any:  # noqa: ANN401 - whatever a person wrote there
        """Return a setting; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One field for each setting: ``GUARD_KNOWN`` is ``known``. Shares are from 0 to 1."""

    spare: float
    """So few entries never stop a crawl, whatever their share."""
    unread: float
    """Largest share of pages that no layout fits."""
    known: float
    """Smallest share of old entries that the past must have."""
    kept: float
    """Smallest share of the past's entries that must be there still."""
    standing: float
    """Smallest share of notices and standing blocks that must be there still."""
    fewer: float
    """Smallest count, as a multiple of the past's."""
    more: float
    """Largest count, as a multiple of the past's."""
    filled: float
    """By how much the share of entries with a date, a summary or a link may fall."""
    dated: float
    """Smallest share of entries with a date, where there is no past."""
    repeated: float
    """Largest share of entries with one and the same title, summary or address."""
    garbled: float
    """By how much the share of entries with garbled letters may grow."""

    @classmethod
    def of(cls, given: Given) -> "Limits":
        """Read the limits from settings; what they do not have is as by default.

        :raises UsageError: for a value that is no number from 0 on, or a share over 1
        """
        return cls(**{field.name: _number(PREFIX + field.name.upper(), given) for field in fields(cls)})

    @classmethod
    def usual(cls) -> "Limits":
        """Return the limits by default, those of :mod:`psgcrawl.settings`."""
        return cls.of(vars(settings))


_COUNTS: Final[Mapping[str, str]] = {"GUARD_SPARE": "entries", "GUARD_MORE": "times"}
"""What is no share, and may be over 1."""


def _number(name: str, given: Given) -> float:
    value = given.get(name)
    if value is None:
        value = getattr(settings, name)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise UsageError(f"{name}: {value!r} is no number from 0 on")
    if number > 1 and name not in _COUNTS:
        raise UsageError(f"{name}: {value!r} is over 1, and no share")
    return number
