"""What a guard says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a crawl must not be committed."""

    guard: str
    """The guard's name: ``docs/guards.md`` explains it."""
    words: str
    """With the figures, and the setting that decides."""

    def __str__(self) -> str:
        """Return it as it stands in the run log."""
        return f"{self.guard}: {self.words}"


def percent(part: int, whole: int) -> str:
    """Return a share for people.

    >>> percent(3, 40), percent(0, 0)
    ('8 %', '0 %')
    """
    return f"{100 * part / whole:.0f} %" if whole else "0 %"


def of(share: float) -> str:
    """Return a limit for people.

    >>> of(0.8)
    '80 %'
    """
    return f"{100 * share:.3g} %"
