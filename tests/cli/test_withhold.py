"""``psgcrawl withhold``."""

from pathlib import Path

import pytest

from psgcrawl.archive import aliases, withholding
from psgcrawl.archive.aliases import Alias, Ref
from psgcrawl.archive.redact.copying import listed
from psgcrawl.archive.store import Archive
from tests.redact.making import psgcrawl, three_pages

WHY = ("--reason", "a private person", "--request", "letter 12/2027")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    three_pages(tmp_path / "archive")
    return tmp_path / "archive"


def tree(archive: Path) -> dict[str, bytes]:
    found = (path for path in archive.rglob("*") if path.is_file())
    return {str(path.relative_to(archive)): path.read_bytes() for path in found}


def test_an_entry_is_withheld_and_nothing_else_changes(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(archive)
    assert psgcrawl(archive, "withhold", "news-article-1990", *WHY) == 0
    said = capsys.readouterr().out
    assert "news-article-1990: withheld on request in what is exported from now on" in said
    assert "  news: 1 snapshot shows it" in said
    [one] = withholding.read(archive)
    assert (one.action, one.entry, one.record) == ("withhold", "news-article-1990", None)
    assert (one.reason, one.request) == ("a private person", "letter 12/2027")
    after = tree(archive)
    assert after.pop(withholding.WITHHELD)
    assert after == before


@pytest.mark.parametrize("written", ["{id}", "urn:uuid:{uuid}", "{uuid}"])
def test_a_record_is_found_however_it_is_written(archive: Path, written: str) -> None:
    [snapshot] = Archive(archive).collection("news").snapshots()
    row = next(iter(snapshot.pages()))
    assert row.warc is not None
    uuid = row.warc.record.strip("<>").removeprefix("urn:uuid:")
    assert psgcrawl(archive, "withhold", written.format(id=row.warc.record, uuid=uuid.upper()), *WHY) == 0
    assert withholding.now(withholding.read(archive)).records == {row.warc.record}


def test_a_record_that_no_page_is_of_can_be_withheld_too(archive: Path) -> None:
    [snapshot] = Archive(archive).collection("news").snapshots()
    request = next(one.id for one in listed(snapshot.folder / "pages.warc.gz") if one.type == "request")
    assert psgcrawl(archive, "withhold", request, *WHY) == 0
    assert withholding.now(withholding.read(archive)).records == {request}


def test_what_is_lifted_is_shown_again_and_both_decisions_stay(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    psgcrawl(archive, "withhold", "news-article-1990", *WHY)
    assert psgcrawl(archive, "withhold", "news-article-1990", "--lift", *WHY) == 0
    assert "news-article-1990: shown again" in capsys.readouterr().out
    assert [one.action for one in withholding.read(archive)] == ["withhold", "lift"]
    assert not withholding.now(withholding.read(archive))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["news-article-9999"], "'news-article-9999': no snapshot here shows an entry of that id"),
        (["news-article-1990", "--lift"], "news-article-1990: is not withheld: there is nothing to lift"),
        (["news-article-1990", "--reason", " "], "--reason ' ': one line of text is needed"),
        (["news-article-1990", "--request", "a\nb"], r"--request 'a\nb': one line of text is needed"),
    ],
)
def test_what_would_withhold_nothing_is_refused(
    archive: Path, capsys: pytest.CaptureFixture[str], words: list[str], problem: str
) -> None:
    assert psgcrawl(archive, "withhold", *WHY, *words) == 2
    assert problem in capsys.readouterr().err
    assert withholding.read(archive) == []


def test_entries_of_other_collections_that_are_linked_with_it_are_named(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news, posts = Ref(collection="news", id="news-article-1990"), Ref(collection="posts", id="post-12")
    aliases.extend(archive, aliases.read(archive), [Alias(one=news, other=posts, verdict="linked", rule="title")])
    psgcrawl(archive, "withhold", "news-article-1990", *WHY)
    assert "posts/post-12 is linked with it in aliases.jsonl: decide of that, too" in capsys.readouterr().out
