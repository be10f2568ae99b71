"""Snapshots of unequal derivation are compared once both are derived by the rules of today."""

import json
from pathlib import Path

import pytest

from psgcrawl.archive import rules
from psgcrawl.archive.compare.changes import Comparison, Side, are_editions, under_one_rule
from psgcrawl.archive.manifest import WARC
from psgcrawl.cli import main
from psgcrawl.errors import DamagedData
from psgcrawl.rebuild.sides import derive_side
from psgcrawl.records import DERIVATION, Entry, replace
from tests.archive.compare.sides import file
from tests.fitting import fits
from tests.rebuild.making import Crawl, files, html, one, response, retitled, rewritten

OLD, NEW = "20180901T060000Z", "20180929T060000Z"


def _two(archive: Path) -> tuple[Side, Side]:
    """Two snapshots, of which the site changed one word; the older was read by older rules."""
    old = rewritten(one(archive, html(), "2018-09-01T06:00:00Z"), entries=retitled, derivation=DERIVATION - 1)
    return Side.of(old), Side.of(one(archive, html().replace(b"title 20<", b"headline 20<")))


def _diff(archive: Path, *arguments: str) -> int:
    return main(["--archive", str(archive), "diff", "news", *arguments])


def test_the_older_side_is_derived_again_and_only_the_site_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _two(tmp_path)
    stored = files(tmp_path)
    assert _diff(tmp_path) == 1
    captured = capsys.readouterr()
    assert captured.err == (
        f"psgcrawl: {OLD}: written under derivation {DERIVATION - 1}; derived again from its raw pages by derivation "
        f"{DERIVATION}, for this answer alone, so that what differs is the site\n"
    )
    assert captured.out == (
        f"news: {OLD} -> {NEW}\n1 edited\n\nedited\n  ~ 21 September 2018 | Synthetic headline 20 [news-article-20]\n"
        "      title: Synthetic [-title-] {+headline+} 20\n"
    )
    assert files(tmp_path) == stored


@pytest.mark.parametrize(("sides", "again"), [((OLD, NEW), ["old"]), ((NEW, OLD), ["new"])], ids=["old", "new"])
def test_the_document_names_the_side_that_was_derived_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sides: tuple[str, str], again: list[str]
) -> None:
    _two(tmp_path)
    assert _diff(tmp_path, *sides, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    fits(found, "diff")
    assert (found["derived_again"], found["editions"], found["ordered"]) == (again, False, True)
    assert found["counts"]["edited"] == sum(found["counts"].values()) == 1


def test_sides_of_equal_derivation_stay_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one(tmp_path, html(), "2018-09-01T06:00:00Z")
    one(tmp_path)
    assert _diff(tmp_path, "--json") == 0
    captured = capsys.readouterr()
    assert (json.loads(captured.out)["derived_again"], captured.err) == ([], "")


def test_where_it_is_impossible_the_diff_says_why_and_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, _ = _two(tmp_path)
    assert old.snapshot is not None
    (old.snapshot.folder / WARC).unlink()
    assert _diff(tmp_path) == 2
    captured = capsys.readouterr()
    unequal = f"{OLD} was written under derivation {DERIVATION - 1}, {NEW} under {DERIVATION}: what differs could be"
    assert unequal in captured.err
    assert f"they must be derived again: {old.snapshot.folder}: no raw pages were kept" in captured.err
    assert captured.out == ""


def test_what_a_later_version_derived_is_left_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _two(tmp_path)
    rewritten(one(tmp_path, html(40), "2018-10-09T06:00:00Z"), derivation=DERIVATION + 1)
    assert _diff(tmp_path) == 2
    assert "use the later version" in capsys.readouterr().err


def test_coverage_of_a_side_is_what_its_pages_prove_now(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path / "archive")
    crawl.respond(response(html(shown=3)))
    claimed = {"listing": "news", "complete": False, "end": None, "positions": [], "gaps": []}
    stored = Side.of(rewritten(crawl.end(), coverage=claimed, derivation=DERIVATION - 1))
    folder = tmp_path / "derived"
    folder.mkdir()
    side = derive_side(stored, folder)
    assert side.provenance is not None
    assert stored.provenance is not None
    assert (side.provenance.derivation, side.provenance.coverage.complete) == (DERIVATION, True)
    assert (stored.provenance.derivation, stored.provenance.coverage.complete) == (DERIVATION - 1, False)
    assert (side.name, side.snapshot, side.entries.parent) == (stored.name, stored.snapshot, folder)


def test_of_a_file_nothing_can_be_derived(tmp_path: Path) -> None:
    side = file(tmp_path / "a.jsonl", list[Entry]())
    with pytest.raises(DamagedData, match="no raw pages are known"):
        derive_side(side, tmp_path)
    assert under_one_rule(side, side, rules.today(), _never) == (side, side)


def test_two_editions_are_compared_as_they_are_stored(tmp_path: Path) -> None:
    first = rewritten(one(tmp_path), entries=retitled, derivation=DERIVATION - 1)
    assert main(["--archive", str(tmp_path), "rebuild", "news"]) == 0
    old, new = Side.of(first), Side.of(replace(first, folder=first.folder.with_name(f"{NEW}.e2")))
    assert are_editions(old, new)
    assert not are_editions(old, old)
    assert under_one_rule(old, new, rules.today(), _never) == (old, new)
    assert {change.fields[0] for change in Comparison(old, new).changes()} == {"title"}


def _never(side: Side) -> Side:
    raise AssertionError(side.name)
