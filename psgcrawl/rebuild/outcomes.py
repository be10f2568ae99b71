"""What comes of deriving a snapshot again. Light to load: commands that derive nothing load it, too."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from psgcrawl.archive import rules
from psgcrawl.archive.rules import Rules
from psgcrawl.rebuild.differences import EntryDifference, PageDifference
from psgcrawl.records import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What deriving one snapshot again comes to."""

    snapshot: Annotated[str, Meta(description="The snapshot, in the edition that was looked at.")]
    evidence: Annotated[str, Meta(description="The edition whose raw pages were read.")]
    derivation: Annotated[int, Meta(description="The rules by which that edition was derived.")]
    site: Annotated[
        str | None, Meta(description="SHA-256 of the `site.toml` by which it was; null for the profile built in.")
    ]
    files: Annotated[list[str], Meta(description="Files that would have other bytes.")]
    entries: Annotated[list[EntryDifference], Meta(description="Entries that differ.")]
    pages: Annotated[list[PageDifference], Meta(description="Lines of `pages.jsonl` that differ.")]
    old_coverage: Annotated[Coverage, Meta(description="Coverage as it is stored.")]
    new_coverage: Annotated[Coverage, Meta(description="Coverage as the pages prove it now.")]
    edition: Annotated[str | None, Meta(description="The edition that was committed; null where none was.")] = None

    @property
    def rules(self) -> Rules:
        """The rules by which that edition was derived."""
        return Rules(self.derivation, self.site)

    @property
    def differs(self) -> bool:
        """Whether the rules of today give anything else."""
        return bool(self.files) or self.old_coverage != self.new_coverage

    @property
    def due(self) -> bool:
        """Whether a new edition is: anything differs, or the old one was derived by other rules than those of today."""
        return self.differs or self.rules != rules.today()


@dataclass(frozen=True, slots=True)
class Failure:
    """A snapshot that cannot be derived again."""

    snapshot: str
    problem: str
    """``place: problem``."""


def summary(examined: Examined) -> str:
    """Return in words how much differs.

    >>> from psgcrawl.records import Coverage
    >>> nothing = Coverage(listing="news", complete=False, end=None, positions=[], gaps=[])
    >>> summary(Examined(snapshot="a", evidence="a", derivation=1, site=None, files=["pages.jsonl"], entries=[],
    ...     pages=[], old_coverage=nothing, new_coverage=nothing))
    'the bytes of pages.jsonl'
    """
    both = [difference for difference in examined.entries if difference.old and difference.new]
    only_new = [difference for difference in examined.entries if not difference.old]
    only_old = [difference for difference in examined.entries if not difference.new]
    parts = [
        f"{len(found)} {_some(what, len(found))}"
        for found, what in (
            (both, "entry differs|entries differ"),
            (only_new, "entry derived only now|entries derived only now"),
            (only_old, "entry derived no longer|entries derived no longer"),
            (examined.pages, "row of pages.jsonl|rows of pages.jsonl"),
        )
        if found
    ]
    if examined.old_coverage != examined.new_coverage:
        parts.append("coverage")
    if not parts and examined.files:
        parts.append(f"the bytes of {' and '.join(examined.files)}")
    return ", ".join(parts) or "nothing differs"


def _some(words: str, number: int) -> str:
    one, _, several = words.partition("|")
    return one if number == 1 else several
