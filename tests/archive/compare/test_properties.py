"""What holds for any two sides, searched by Hypothesis. ``EXAMPLES`` says how many examples of each."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given
from hypothesis import strategies as st

from psgcrawl.archive.compare import scan
from psgcrawl.archive.compare.changes import Change, Side
from psgcrawl.archive.compare.lines import key
from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Basis, Captured, Coverage, Entry, ListName, replace
from tests.archive.compare.sides import AFTER, BEFORE, changes, dated, file, full, snapshot
from tests.archive.making import page
from tests.archive.plain import canonical

MIRRORED = {"added": {"removed", "aged-out"}, "removed": {"added"}, "aged-out": {"added"}}

TITLES = [
    "Open University",
    "A date for your diary",
    "A new law for the mine of Cajamarca",
    "A law for the mine of Cajamarca",
]
SUMMARIES = ["", "One two three four five.", "One two three four five six.", "Of other things"]
URLS = [None, "http://example.org/one", "http://example.org/two"]
DAYS = [None, "2016-12-30", "2017-01-10", "2017-01-11", "2017-01-12", "2017-01"]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """A few entries, much alike, so that all rules of matching have something to do."""
    found = []
    for number in sorted(draw(st.sets(st.integers(1, 9), max_size=7))):
        entry = dated(
            number,
            draw(st.sampled_from(DAYS)),
            title=draw(st.sampled_from(TITLES)),
            summary=draw(st.sampled_from(SUMMARIES)),
            url=draw(st.sampled_from(URLS)),
            kind=draw(st.sampled_from(["entry", "entry", "entry", "notice"])),
        )
        found.append(replace(entry, id=f"x-{number}") if draw(st.booleans()) else entry)
    return found


def complete(folder: Path, captured: Captured, shown: Sequence[Entry], listing: str) -> Side:
    """A complete snapshot of these entries, every field shown."""
    lists: list[ListName] = ["notices" if one.kind == "notice" else listing for one in shown]
    fields = ("caption", "categories", "dateline", "modified", "summary", "title", "url")
    one = page(*shown, lists=lists, fields=fields)
    return snapshot(folder, captured, one, listing=listing, coverage=covering(listing))


def covering(listing: str) -> Coverage:
    return Coverage(listing=listing, complete=True, end="short-page", positions=[(0, 0)], gaps=[])


def part(folder: Path, captured: Captured, shown: Sequence[Entry], position: int, basis: Basis = "given") -> Side:
    """A page somewhere in a listing."""
    return snapshot(folder, captured, replace(full(*shown, position=position), captured_basis=basis), listing="news")


BASES = st.sampled_from(["given", "crawl"])


def check_mirror(there: list[Change], back: list[Change]) -> None:
    def pairs(found: list[Change], *, swapped: bool) -> list[tuple[object, ...]]:
        sides = [(one.new, one.old) if swapped else (one.old, one.new) for one in found]
        return sorted(
            (
                (one.matched_by, one.fields, dumps(old), dumps(new))
                for one, (old, new) in zip(found, sides, strict=True)
            ),
            key=repr,
        )

    assert pairs(there, swapped=False) == pairs(back, swapped=True)
    names = {(dumps(one.new), dumps(one.old)): one.change for one in back}
    for one in there:
        assert names[dumps(one.old), dumps(one.new)] in MIRRORED.get(one.change, {one.change})


def check_once(found: list[Change]) -> None:
    for side in ("old", "new"):
        there = [getattr(one, side).id for one in found if getattr(one, side) is not None]
        assert len(there) == len(set(there))


@given(entries(), entries(), st.sampled_from(["news", "posts"]))
def test_a_diff_mirrors_its_reverse_and_applied_to_old_gives_new(
    one: list[Entry], other: list[Entry], listing: str
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        old = complete(folder, BEFORE, one, listing)
        new = complete(folder, AFTER, other, listing)
        found = changes(old, new)
        assert {change.change for change in found} <= {"added", "edited", "removed", "aged-out"}
        check_once(found)
        check_mirror(found, changes(new, old))
        assert changes(old, old) == changes(new, new) == []
        left = Counter(map(dumps, one))
        left.subtract(dumps(change.old) for change in found if change.old)
        left.update(dumps(change.new) for change in found if change.new)
        # What was matched and shows no difference in any field is the same entry under two ids.
        renamed = _without_ids(Counter(map(dumps, other))), _without_ids(+left)
        assert renamed[0] == renamed[1]
        assert min(left.values(), default=0) >= 0


def _without_ids(lines: Counter[bytes]) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for line, number in lines.items():
        found[line.partition(b",")[2]] += number
    return found


@given(entries(), entries())
def test_changes_applied_to_old_give_new_byte_for_byte_where_ids_stay(one: list[Entry], other: list[Entry]) -> None:
    """Ids that come from links: two entries never swap theirs."""
    one, other = ([entry for entry in side if entry.id.startswith("news-")] for side in (one, other))
    one, other = ([replace(entry, title=entry.id, url=None, kind="entry") for entry in side] for side in (one, other))
    assume(one or other)
    with TemporaryDirectory() as name:
        old, new = complete(Path(name), BEFORE, one, "news"), complete(Path(name), AFTER, other, "news")
        left = Counter(map(dumps, one))
        for change in changes(old, new):
            left.subtract([dumps(change.old)] if change.old else [])
            left.update([dumps(change.new)] if change.new else [])
        assert +left == Counter(map(dumps, other))


@given(entries(), entries(), st.sampled_from([0, 10]), st.sampled_from([0, 10]), BASES, BASES)
def test_a_diff_of_parts_mirrors_its_reverse(  # noqa: PLR0917 - two sides of three things
    one: list[Entry], other: list[Entry], here: int, there: int, from_: Basis, by: Basis
) -> None:
    with TemporaryDirectory() as name:
        old, new = part(Path(name), BEFORE, one, here, from_), part(Path(name), AFTER, other, there, by)
        found = changes(old, new)
        check_once(found)
        check_mirror(found, changes(new, old))
        assert changes(old, old) == []


@given(entries(), entries(), st.integers(0, 9), st.booleans())
def test_shuffled_files_give_the_same(one: list[Entry], other: list[Entry], seed: int, small: bool) -> None:
    def found(shuffled: int | None) -> list[Change]:
        old = file(folder / "old.jsonl", one, shuffled=shuffled)
        new = file(folder / "new.jsonl", other, shuffled=shuffled)
        check_mirror(result := changes(old, new), changes(new, old))
        check_once(result)
        return sorted(result, key=repr)

    before = scan.CHECKED_WHOLE
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            scan.CHECKED_WHOLE = before if small else 0  # type: ignore[misc]
            ordered = found(None)
            assert found(seed) == ordered
            assert {change.change for change in ordered} <= {"absent", "edited"}
        finally:
            scan.CHECKED_WHOLE = before  # type: ignore[misc]


def test_canonical_order_is_that_of_the_store() -> None:
    some = [dated(number, day) for number, day in enumerate([*DAYS, *DAYS])]
    assert sorted(some, key=key) == canonical(some)
