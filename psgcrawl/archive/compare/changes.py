"""Two sides -> the changes from one to the other. The rules are those of ``docs/comparing.md``."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from psgcrawl.archive import names, rules
from psgcrawl.archive.compare.evidence import Evidence, Place, field_of, in_common
from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.compare.scan import Differences
from psgcrawl.archive.manifest import ENTRIES, PAGES, Manifest
from psgcrawl.archive.rules import Rules
from psgcrawl.archive.store import Snapshot
from psgcrawl.errors import DamagedData, UsageError
from psgcrawl.records import KINDS, Captured, Entry, Kind, Provenance, replace

ChangeName = Literal["added", "edited", "removed", "aged-out", "out-of-view", "absent"]
CHANGES: Final[tuple[ChangeName, ...]] = ("added", "edited", "removed", "aged-out", "out-of-view", "absent")

Field = Literal["title", "summary", "dateline", "url", "caption", "categories", "modified"]
FIELDS: Final[tuple[Field, ...]] = ("title", "summary", "dateline", "url", "caption", "categories", "modified")
"""The fields that can be edited. All others follow from these."""

_NO_CLAIM: Final = "out-of-view"


class Change(Struct, frozen=True, kw_only=True):
    """One change, as ``psgcrawl diff`` prints it with ``--json`` and, one a line, with ``--jsonl``."""

    change: Annotated[
        ChangeName,
        Meta(
            description="`added`; `edited`; `removed` (no longer listed, not necessarily deleted); `aged-out` (gone "
            "together from the old end of a list that keeps only recent entries); `out-of-view` (one side did not "
            "cover its place: no claim); `absent` (on one side only; coverage or order unknown: no claim)."
        ),
    ]
    id: Annotated[str, Meta(description="Identity, that of `new` where there is one.")]
    matched_by: Annotated[
        Rule | None, Meta(description="How the two entries of an edit were found to be one; null for all else.")
    ]
    fields: Annotated[list[Field], Meta(description="What was edited; empty for all else.")]
    old: Annotated[Entry | None, Meta(description="The entry as OLD has it; null where it does not.")]
    new: Annotated[Entry | None, Meta(description="The entry as NEW has it; null where it does not.")]


class Side(Struct, frozen=True, dict=True):
    """One of the two that are compared: a snapshot, or a file of entries of which nothing else is known."""

    name: str
    """What it is called in the result."""
    entries: Path
    snapshot: Snapshot | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Side":
        """Return a snapshot as a side."""
        return cls(snapshot.name, snapshot.folder / ENTRIES, snapshot)

    @cached_property
    def manifest(self) -> Manifest | None:
        """The snapshot's manifest; None for a file.

        :raises DamagedData: when it cannot be read
        """
        return self.snapshot.manifest() if self.snapshot else None

    @property
    def provenance(self) -> Provenance | None:
        """What the manifest says of where it comes from; None for a file.

        :raises DamagedData: when the manifest cannot be read
        """
        return self.manifest.provenance if self.manifest else None

    @cached_property
    def evidence(self) -> Evidence | None:
        """What its pages show; None for a file.

        :raises DamagedData: ``file:line: problem``
        """
        if self.snapshot is None or self.provenance is None:
            return None
        return Evidence(self.snapshot.folder / PAGES, self.provenance.coverage)

    def know(self, evidence: Evidence, manifest: Manifest | None = None) -> None:
        """Take what its pages show, or its manifest too, from one who has read them: they are not read again."""
        # Where `cached_property` keeps it; a frozen struct lets nobody else write.
        self.__dict__["evidence"] = evidence
        if manifest is not None:
            self.__dict__["manifest"] = manifest

    def derived(self, folder: Path, provenance: Provenance) -> "Side":
        """Return the same snapshot as other rules derive it: ``folder`` holds the entries and pages of that.

        :raises ValueError: for a file, of which nothing can be derived
        """
        if self.manifest is None:
            raise ValueError(f"{self.name}: a file of entries")
        side = replace(self, entries=folder / ENTRIES)
        side.__dict__["manifest"] = replace(self.manifest, provenance=provenance)
        side.know(Evidence(folder / PAGES, provenance.coverage))
        return side


class Wanted(Struct, frozen=True, kw_only=True):
    """Which changes are asked for; by default all."""

    ignore: frozenset[str] = frozenset()
    """Fields whose edits do not count."""
    kinds: frozenset[Kind] = frozenset(KINDS)
    """Kinds of entries that are compared."""


ALL: Final = Wanted()


class Comparison:
    """The changes from OLD to NEW, either of which may have been captured first."""

    def __init__(self, old: Side, new: Side, wanted: Wanted = ALL, note: Callable[[str], object] = str) -> None:
        """Look whether the two can be compared; entries are read by :meth:`changes`.

        :param note: is told what a person should know besides the changes
        :raises UsageError: when they were derived by different rules
        :raises DamagedData: when a manifest cannot be read
        """
        _same_derivation(old, new)
        self._old = old
        self._new = new
        self._wanted = wanted
        self._note = note
        self._derived_only = 0
        self._places: dict[str, dict[str, Place]] = {"old": {}, "new": {}}
        forward, backward = _before(old, new), _before(new, old)
        self.ordered: bool = forward or backward
        """Whether it is known which side was captured first: their capture times do not overlap."""
        self._forward = forward

    def changes(self) -> Iterator[Change]:
        """Yield the changes, each as soon as it is decided.

        First the edits of entries that keep id and date, in canonical order, while the
        files are read; then those that had to be matched; then what only one side has, in
        canonical order of OLD, then of NEW.

        :raises DamagedData: ``file:line: problem``
        """
        differences = Differences(self._old.entries, self._new.entries, self._note)
        held: list[tuple[Entry, Entry]] = []
        for one, other in differences.pairs():
            if one.kind not in self._wanted.kinds:
                continue
            if self._fields_known():
                yield from self._edited("identity", one, other)
            else:
                held.append((one, other))
        old_only, new_only = self._of_kind(differences.old_only), self._of_kind(differences.new_only)
        self._find_places(held, old_only, new_only)
        for one, other in held:
            yield from self._edited("identity", one, other)
        for rule, one, other in match(old_only, new_only):
            yield from self._edited(rule, one, other)
        yield from (self._gone(entry) for entry in old_only.values())
        yield from (self._come(entry) for entry in new_only.values())
        if self._derived_only:
            self._note(
                f"{self._derived_only} entries differ only in what follows from other fields: "
                "the two files were derived by different rules"
            )

    def _fields_known(self) -> bool:
        return all(side.evidence is None or side.evidence.fields is not None for side in (self._old, self._new))

    def _of_kind(self, entries: dict[str, Entry]) -> dict[str, Entry]:
        return {identity: entry for identity, entry in entries.items() if entry.kind in self._wanted.kinds}

    def _find_places(self, held: list[tuple[Entry, Entry]], old_only: Iterable[str], new_only: Iterable[str]) -> None:
        if self._old.evidence:
            self._places["old"] = self._old.evidence.places([*(one.id for one, _ in held), *old_only])
        if self._new.evidence:
            self._places["new"] = self._new.evidence.places([*(other.id for _, other in held), *new_only])

    def _edited(self, rule: Rule, one: Entry, other: Entry) -> Iterator[Change]:
        differ: list[Field] = [name for name in FIELDS if getattr(one, name) != getattr(other, name)]
        if not differ and rule == "identity" and one != other:
            self._derived_only += 1
        shown = self._shown_by_both(one, other) - self._wanted.ignore
        edits = [name for name in differ if name in shown]
        if edits:
            yield Change(change="edited", id=other.id, matched_by=rule, fields=edits, old=one, new=other)

    def _shown_by_both(self, one: Entry, other: Entry) -> frozenset[str]:
        """Return the fields that both sides could show in the same way; of a file nothing is known, so all count."""
        old, new = self._shown(self._old, "old", one), self._shown(self._new, "new", other)
        if old is None or new is None:
            return frozenset(map(field_of, (old if new is None else new) or FIELDS))
        return in_common(old, new)

    def _shown(self, side: Side, which: str, entry: Entry) -> frozenset[str] | None:
        if side.evidence is None:
            return None
        place = self._places[which].get(entry.id)
        return place.fields if place else side.evidence.fields or frozenset()

    def _gone(self, entry: Entry) -> Change:
        name = self._claim("removed", entry, self._old, self._new, "old")
        if name == "removed" and self._forward and self._new.evidence is not None:
            name = "aged-out" if self._new.evidence.aged_out(entry, self._places["old"][entry.id]) else name
        return Change(change=name, id=entry.id, matched_by=None, fields=[], old=entry, new=None)

    def _come(self, entry: Entry) -> Change:
        name = self._claim("added", entry, self._new, self._old, "new")
        return Change(change=name, id=entry.id, matched_by=None, fields=[], old=None, new=entry)

    def _claim(self, claim: ChangeName, entry: Entry, has: Side, lacks: Side, which: str) -> ChangeName:
        if not self.ordered or has.provenance is None or lacks.evidence is None:
            return "absent"
        place = self._places[which][entry.id]
        return claim if lacks.evidence.claims(entry, place, has.provenance) else _NO_CLAIM


def canonical(changes: Iterable[Change]) -> list[Change]:
    """Return changes by name in the order of ``CHANGES``, those of one name by the newest date, then by id."""

    def entry(change: Change) -> Entry:
        found = change.new or change.old
        assert found is not None  # noqa: S101 - one side has it, or there were no change
        return found

    by_id = sorted(changes, key=lambda change: (change.id, change.old.id if change.old else ""))
    by_date = sorted(by_id, key=lambda change: entry(change).date_earliest or "", reverse=True)
    return sorted(by_date, key=lambda change: CHANGES.index(change.change))


def under_one_rule(old: Side, new: Side, today: Rules, again: Callable[[Side], Side]) -> tuple[Side, Side]:
    """Return both sides as they are, or where they were derived by unequal rules, as one set of rules derives them.

    Two editions of one snapshot stay as they are: between them it is the rules that are compared.

    :param today: the rules by which ``again`` derives
    :param again: derives a side again from its raw pages
    :raises DamagedData: when that is impossible, and says why it would be needed
    """
    if not _unequal(old, new):
        return old, new
    try:
        one, other = (_derived_by(side, today, again) for side in (old, new))
    except DamagedData as error:
        raise DamagedData(f"{_unequal(old, new)}; to compare them they must be derived again: {error}") from error
    return one, other


def are_editions(old: Side, new: Side) -> bool:
    """Tell whether both sides are editions of one snapshot: what differs is then how it was derived, not the site."""
    if old.snapshot is None or new.snapshot is None or old.name == new.name:
        return False
    one, other = (names.parse(side.snapshot.name) for side in (old, new) if side.snapshot)
    here, there = (side.snapshot.folder.parent.resolve() for side in (old, new) if side.snapshot)
    return one is not None and other is not None and one.snapshot == other.snapshot and here == there


def _derived_by(side: Side, today: Rules, again: Callable[[Side], Side]) -> Side:
    return side if side.provenance and rules.of(side.provenance) == today else again(side)


def _unequal(old: Side, new: Side) -> str:
    """Return in words that the sides cannot be compared as they are; nothing where they can."""
    if old.provenance is None or new.provenance is None or are_editions(old, new):
        return ""
    one, other = rules.of(old.provenance), rules.of(new.provenance)
    if one == other:
        return ""
    said = f"{old.name} was written under derivation {one}, {new.name} under {other}"
    return f"{said}: what differs could be the rules and not the site"


def _same_derivation(old: Side, new: Side) -> None:
    if unequal := _unequal(old, new):
        raise UsageError(f"{unequal}; derive them by one set of rules first")


def _before(one: Side, other: Side) -> bool:
    """Tell whether ``one`` was certainly captured before ``other``: no moment can belong to both."""
    if one.provenance is None or other.provenance is None:
        return False
    return _ends_before(one.provenance.captured, other.provenance.captured)


def _ends_before(one: Captured, other: Captured) -> bool:
    return one.until is not None and one.until < other.since
