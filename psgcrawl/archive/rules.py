"""By which rules entries were derived: the version of those of this program, and the profile of the site.

The same evidence gives other bytes where one of the two is another.
"""

from typing import NamedTuple

from psgcrawl import site
from psgcrawl.records import DERIVATION, Provenance


class Rules(NamedTuple):
    """What decides what the same evidence gives."""

    derivation: int
    site: str | None
    """SHA-256 of the profile's file; None for the profile that comes with the program."""

    def __str__(self) -> str:
        """Return them in words."""
        return f"{self.derivation}" if self.site is None else f"{self.derivation} with the site.toml {self.site[:12]}"


def of(facts: Provenance) -> Rules:
    """Return the rules by which a snapshot was derived."""
    return Rules(facts.derivation, facts.site)


def today() -> Rules:
    """Return the rules of this version and of the archive at work."""
    return Rules(DERIVATION, site.current().sha256)
