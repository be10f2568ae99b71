from psgcrawl.archive.assemble import assemble
from psgcrawl.rebuild.differences import entry_differences, page_differences
from psgcrawl.rebuild.outcomes import Examined, summary
from psgcrawl.records import DERIVATION, Coverage, replace
from tests.archive.compare.sides import dated
from tests.archive.making import entry, page

FIRST, SECOND, THIRD = dated(1, "2017-01-03"), dated(2, "2017-01-02"), dated(3, "2017-01-01")
COVERAGE = Coverage(listing="news", complete=False, end=None, positions=[(0, 0)], gaps=[])


def test_equal_entries_are_no_difference() -> None:
    assert entry_differences([FIRST, SECOND], [SECOND, FIRST]) == []


def test_every_field_that_differs_is_named() -> None:
    new = replace(FIRST, series="Update", date_edtf="2017-01-03?", flags=["no-year"])
    [found] = entry_differences([FIRST], [new])
    assert (found.id, found.matched_by, found.fields) == (
        "news-article-1",
        "identity",
        ["date_edtf", "series", "flags"],
    )
    assert (found.old, found.new) == (FIRST, new)


def test_another_kind_is_a_change_of_the_same_entry() -> None:
    [found] = entry_differences([FIRST], [replace(FIRST, kind="boilerplate")])
    assert (found.matched_by, found.fields) == ("identity", ["kind"])


def test_a_changed_id_is_shown_as_such() -> None:
    old = entry("x-0000000000000001", url=None, title="A title of many words", summary="the same")
    new = replace(old, id="x-0000000000000002", summary="the same, with more")
    [found] = entry_differences([old], [new])
    assert (found.id, found.matched_by, found.fields) == (new.id, "title", ["id", "summary"])


def test_what_is_on_one_side_only_comes_last() -> None:
    edited = replace(SECOND, caption="new")
    other = dated(4, "2016-05-05", title="Something else altogether", url=None)
    found = entry_differences([SECOND, THIRD], [other, edited])
    assert [(one.id, one.old is None, one.new is None) for one in found] == [
        (SECOND.id, False, False),
        (other.id, True, False),
        (THIRD.id, False, True),
    ]


def test_differences_stand_in_the_order_of_what_is_derived() -> None:
    ours = [FIRST, SECOND, THIRD]
    found = entry_differences(reversed(ours), [replace(one, caption="new") for one in ours])
    assert [one.id for one in found] == [one.id for one in ours]


def test_rows_are_compared_one_by_one() -> None:
    rows = assemble([page(FIRST), page(SECOND, position=10)]).rows
    [found] = page_differences(rows, [rows[0], replace(rows[1], layout="other", problems=["one"])])
    assert (found.page, found.fields) == (2, ["layout", "problems"])


def examined(**given: object) -> Examined:
    values: dict[str, object] = {
        "snapshot": "20170101T000000Z",
        "evidence": "20170101T000000Z",
        "derivation": DERIVATION,
        "site": None,
        "files": [],
        "entries": [],
        "pages": [],
        "old_coverage": COVERAGE,
        "new_coverage": COVERAGE,
    }
    return Examined(**(values | given))  # type: ignore[arg-type]


def test_a_new_edition_is_due_where_anything_differs_or_the_rules_are_others() -> None:
    assert not examined().due
    assert examined(derivation=DERIVATION - 1).due
    assert examined(files=["entries.jsonl"]).due
    assert examined(new_coverage=replace(COVERAGE, complete=True)).due
    assert not examined(derivation=DERIVATION - 1).differs
    assert examined(site="5" * 64).due


def test_the_summary_counts_what_differs() -> None:
    entries = entry_differences([SECOND, THIRD], [replace(SECOND, caption="new"), replace(THIRD, caption="new"), FIRST])
    assert summary(examined()) == "nothing differs"
    assert summary(examined(files=["entries.jsonl"], entries=entries)) == "2 entries differ, 1 entry derived only now"
    assert summary(examined(new_coverage=replace(COVERAGE, complete=True))) == "coverage"
