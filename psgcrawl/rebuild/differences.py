"""What is stored against what is derived now, field by field: "our parser changed", never "the site changed".

Both sides were read from the same bytes. So nothing here has to do with what the pages
prove or with the order of captures: an entry is on both sides, or on one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.ordering import place
from psgcrawl.records import Entry, PageRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDifference:
    """An entry that the rules of today derive otherwise."""

    id: Annotated[str, Meta(description="Identity as it is derived now; that of `old` where there is no `new`.")]
    matched_by: Annotated[
        Rule | None,
        Meta(description="How the two were found to be one entry; null for one that is on one side only."),
    ]
    fields: Annotated[
        list[str], Meta(description="What differs, in the order of the fields; empty for an entry on one side only.")
    ]
    old: Annotated[Entry | None, Meta(description="The entry as it is stored; null for one that is derived only now.")]
    new: Annotated[
        Entry | None, Meta(description="The entry as it is derived now; null for one that is derived no longer.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDifference:
    """A line of ``pages.jsonl`` that the rules of today write otherwise."""

    page: Annotated[int, Meta(description="Number of the line in `pages.jsonl`, from 1.")]
    fields: Annotated[list[str], Meta(description="What differs, in the order of the fields.")]
    old: Annotated[PageRow, Meta(description="The line as it is stored.")]
    new: Annotated[PageRow, Meta(description="The line as it is derived now.")]


def entry_differences(old: Iterable[Entry], new: Iterable[Entry]) -> list[EntryDifference]:
    """Return what differs between the stored entries and those derived now.

    First what both have, in the order of ``new``, then what is derived only now, in its
    order, then what is derived no longer, in the order of ``old``. One id is one entry,
    also where its kind changed; those whose id changed are matched by the rules by which
    snapshots are compared.
    """
    stored: dict[str, Entry] = {}
    found: dict[str, Entry] = {}
    # Of what is equal, which is most, nothing is held.
    for one, other in _side_by_side(old, new):
        if one is not None and one != other:
            stored[one.id] = one
        if other is not None and one != other:
            found[other.id] = other
    order = {identity: number for number, identity in enumerate(found)}
    changed = []
    for identity in found.keys() & stored.keys():
        before, after = stored.pop(identity), found.pop(identity)
        if before != after:
            changed.append(_changed("identity", before, after))
    changed += (_changed(rule, before, after) for rule, before, after in match(stored, found))
    changed.sort(key=lambda difference: order[difference.id])
    return [
        *changed,
        *(_one_sided(None, entry) for entry in found.values()),
        *(_one_sided(entry, None) for entry in stored.values()),
    ]


def _side_by_side(old: Iterable[Entry], new: Iterable[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Yield the entries of both sides, those at one place of the canonical order together."""
    rest, others = iter(old), iter(new)
    one, other = next(rest, None), next(others, None)
    while one is not None or other is not None:
        if other is None or (one is not None and place(one) < place(other)):
            yield one, None
            one = next(rest, None)
        elif one is None or place(other) < place(one):
            yield None, other
            other = next(others, None)
        else:
            yield one, other
            one, other = next(rest, None), next(others, None)


def page_differences(old: Iterable[PageRow], new: Iterable[PageRow]) -> Iterator[PageDifference]:
    """Yield the rows that differ, in their order; both sides have the same pages."""
    for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
        if one != other:
            yield PageDifference(page=number, fields=_differing(one, other), old=one, new=other)


def _changed(rule: Rule, old: Entry, new: Entry) -> EntryDifference:
    return EntryDifference(id=new.id, matched_by=rule, fields=_differing(old, new), old=old, new=new)


def _one_sided(old: Entry | None, new: Entry | None) -> EntryDifference:
    identity = new.id if new else old.id if old else ""
    return EntryDifference(id=identity, matched_by=None, fields=[], old=old, new=new)


def _differing(old: Entry | PageRow, new: Entry | PageRow) -> list[str]:
    return [name for name in new.__struct_fields__ if getattr(old, name) != getattr(new, name)]
