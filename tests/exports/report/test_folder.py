"""The folder of a report: what is written, what stays, what goes, and where no report may be."""

from pathlib import Path

import pytest

from psgcrawl.archive.index.schema import NAME
from psgcrawl.cli import main
from psgcrawl.exports.report.folder import MARK
from tests.exports.report.reading import contents, report
from tests.exports.telling import Told, day, four_weeks, news
from tests.redact.making import REASON, WITHHELD, psgcrawl, three_pages


def refused(archive: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["--archive", str(archive), "report", "-o", str(path)]) == 2
    return capsys.readouterr().err


def stamps(path: Path) -> dict[str, tuple[int, int]]:
    """Return which file is where, and when it was written."""
    found = [(one, one.stat()) for one in path.rglob("*") if one.is_file()]
    return {str(one.relative_to(path)): (state.st_ino, state.st_mtime_ns) for one, state in found}


def test_the_same_archive_gives_the_same_bytes_with_its_index_and_without(weeks: Told, tmp_path: Path) -> None:
    one = contents(report(weeks.archive.folder, tmp_path / "one"))
    (weeks.archive.folder / NAME).unlink()
    assert contents(report(weeks.archive.folder, tmp_path / "other")) == one


def test_nothing_is_written_where_nothing_is_new(
    weeks: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = report(weeks.archive.folder, tmp_path / "report")
    before = stamps(path)
    capsys.readouterr()
    report(weeks.archive.folder, path)
    assert stamps(path) == before
    said = f"psgcrawl: {path}/index.html: 5 entries, {len(before)} files (0 written)\n"
    assert capsys.readouterr().err == said


def test_a_page_is_written_again_only_where_it_says_something_else(told: Told, tmp_path: Path) -> None:
    for number in range(1, 9):
        told.see_all(day(number), news(1), news(2))
    path = report(told.archive.folder, tmp_path / "report")
    before = stamps(path)
    told.see_all(day(15), news(1), news(2, title="Other words"))
    after = stamps(report(told.archive.folder, path))
    changed = {name.rpartition("/")[2] for name in after if after[name] != before.get(name)}
    assert "news-article-2.html" in changed
    assert {"news-article-1.html", "report.css", "search.js", "about.html"}.isdisjoint(changed)
    assert contents(path) == contents(report(told.archive.folder, tmp_path / "anew"))


def test_what_is_no_longer_told_goes_and_what_others_put_beside_it_stays(told: Told, tmp_path: Path) -> None:
    told.see_all(day(1), news(1))
    path = report(told.archive.folder, tmp_path / "report")
    (path / "CNAME").write_text("example.org\n", encoding="ascii")
    (path / "entries" / "gone").mkdir()
    (path / "entries" / "gone" / "old.html").write_text("an entry that is told no more", encoding="ascii")
    (path / "entries" / ".x.html.0.part").write_text("what a run that died left", encoding="ascii")
    elsewhere = tmp_path / "others"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("not ours", encoding="ascii")
    (path / "entries" / "link").symlink_to(elsewhere)
    (path / "about.html").write_text("changed by somebody", encoding="ascii")
    assert contents(report(told.archive.folder, path)).keys() == contents(
        report(told.archive.folder, tmp_path / "anew")
    ).keys() | {"CNAME"}
    assert (elsewhere / "kept").exists()
    assert (path / "about.html").read_bytes() == (tmp_path / "anew" / "about.html").read_bytes()


def test_what_was_redacted_is_no_longer_in_the_report(tmp_path: Path) -> None:
    archive, path = tmp_path / "archive", tmp_path / "report"
    _, records = three_pages(archive)
    before = contents(report(archive, path, "news"))
    words = WITHHELD.split()
    assert all(any(word.encode() in data for data in before.values()) for word in words)
    assert psgcrawl(archive, "redact", "news", records[10].id, "--reason", REASON, "--yes") == 0
    after = contents(report(archive, path, "news"))
    assert not [name for name, data in after.items() for word in words if word.encode() in data]


def test_a_report_of_a_damaged_archive_is_not_begun(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    four_weeks(told)
    path = report(told.archive.folder, tmp_path / "report")
    before = stamps(path)
    entries = told.folder / "20180108T060000Z" / "pages.jsonl"
    entries.write_bytes(entries.read_bytes()[:-2])
    assert "pages.jsonl:1" in refused(told.archive.folder, path, capsys)
    assert stamps(path) == before
    assert "pages.jsonl:1" in refused(told.archive.folder, tmp_path / "new", capsys)
    assert not (tmp_path / "new").exists()


def test_a_folder_of_others_is_left_alone(weeks: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "entries").mkdir(parents=True)
    assert f"{theirs}: exists already, and is no report" in refused(weeks.archive.folder, theirs, capsys)
    file = tmp_path / "file"
    file.write_text("a file", encoding="ascii")
    assert f"{file}: is no folder" in refused(weeks.archive.folder, file, capsys)
    assert file.read_text(encoding="ascii") == "a file"
    ours = report(weeks.archive.folder, tmp_path / "ours")
    (ours / "data").rename(tmp_path / "data")
    (ours / "data").symlink_to(tmp_path / "data")
    before = contents(tmp_path / "data")
    assert "leads elsewhere" in refused(weeks.archive.folder, ours, capsys)
    assert contents(tmp_path / "data") == before


def test_an_empty_folder_is_taken(weeks: Told, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert (report(weeks.archive.folder, tmp_path / "empty") / MARK).is_file()


@pytest.mark.parametrize("place", [".", "report", "news/report", "news", "../archive/report"])
def test_no_report_lies_in_the_archive(weeks: Told, capsys: pytest.CaptureFixture[str], place: str) -> None:
    before = contents(weeks.archive.folder).keys()
    said = refused(weeks.archive.folder, weeks.archive.folder / place, capsys)
    assert "lies in the archive" in said
    assert contents(weeks.archive.folder).keys() == before


def test_no_report_lies_around_the_archive(weeks: Told, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds the archive" in refused(weeks.archive.folder, weeks.archive.folder.parent, capsys)


def test_without_a_name_it_lies_beside_the_archive(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    told.see_all(day(1), news(1))
    assert main(["--archive", str(told.archive.folder), "report"]) == 0
    assert (told.archive.folder.parent / "report" / "index.html").is_file()
    assert f"{told.archive.folder.parent / 'report' / 'index.html'}: 1 entry" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"), [(["nothing"], "no collection 'nothing'"), (["news", "latest"], "no collection 'latest'")]
)
def test_what_is_no_collection_is_no_report(
    weeks: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["--archive", str(weeks.archive.folder), "report", *words, "-o", str(tmp_path / "report")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_an_archive_without_snapshots_has_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no snapshots yet" in refused(tmp_path / "archive", tmp_path / "report", capsys)
