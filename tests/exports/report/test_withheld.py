"""What is withheld on request: the report keeps its place, and tells nothing of it."""

from hashlib import sha256
from pathlib import Path

import pytest

from psgcrawl.archive import withholding
from psgcrawl.archive.withholding import Decision
from psgcrawl.cli import main
from tests.exports.report.reading import contents, data, page_of, pages, report, section, text
from tests.exports.telling import Told, day, news

OWN_PAGE = "http://perusupportgroup.org.uk/news-article-1.html"
SECRET = ("Quispe", "Huamani", "Condori", "13 January", OWN_PAGE)
"""Words that nobody may find."""


@pytest.fixture
def archive(told: Told) -> Path:
    """An entry of a person, which was edited; its own page was captured, too; somebody asked to withhold it."""
    dated = {"date_edtf": "2017-01-13", "date_earliest": "2017-01-13", "date_latest": "2017-01-13"}
    given = {**dated, "dateline": "13 January 2017", "summary": "Huamani spoke.", "caption": "Condori"}
    other = news(2, date_edtf="2016-05-02", date_earliest="2016-05-02", date_latest="2016-05-02", dateline="2 May 2016")
    told.see_all(day(1), news(1, title="Quispe", **given), other, url=OWN_PAGE)
    told.see_all(day(8), news(1, title="Quispe is named", **given), other)
    withhold(told.archive.folder, "withhold")
    return told.archive.folder


def withhold(archive: Path, action: str) -> None:
    given = {"entry": "news-article-1", "record": None, "reason": "r", "request": "q", "when": "2027-03-01T12:00:00Z"}
    withholding.add(archive, Decision(action=action, **given))  # type: ignore[arg-type]


def test_nothing_of_it_is_in_any_file(archive: Path, tmp_path: Path) -> None:
    path = report(archive, tmp_path / "report")
    told = {name: data for name, data in contents(path).items() if name != "collections/news.html"}
    assert [(name, word) for name, data in told.items() for word in SECRET if word.encode() in data] == []
    words = [name for name in data(path, "news/columns")["shelves"] if name.startswith(("q", "h"))]
    assert not any(
        word.startswith(("quispe", "huamani")) for name in words for word in data(path, f"news/words-{name}")
    )


def test_its_page_stays_where_it_was_with_a_hash_and_without_claims(archive: Path, tmp_path: Path) -> None:
    line = archive / "news" / "20180108T060000Z" / "entries.jsonl"
    [entry] = [one for one in line.read_bytes().splitlines() if b"Quispe" in one]
    before = {name for name in contents(report(archive, tmp_path / "all", include_withheld=True)) if "entries" in name}
    path = report(archive, tmp_path / "report")
    assert {name for name in contents(path) if name.startswith("entries/")} == before
    own = page_of(path, "news-article-1")
    assert text(own.xpath("//h1")[0]) == "withheld on request"
    assert f"sha256:{sha256(entry).hexdigest()}" in text(own.xpath("//article")[0])
    assert text(own.xpath('//section[@aria-labelledby="facts"]/dl')[0]) == "Identity news-article-1"
    assert "Changed between 1 January 2018, 06:00 UTC and 8 January 2018" in section(own, "revisions")
    assert not own.xpath('//*[@class="side old"] | //*[@id="cite"]')
    assert not any(word in text(own) for word in ("no date", "No dateline", "without an address"))
    assert "withheld on request" in section(own, "seen")
    assert "1 entry" in text(pages(path)["lists/news/withheld.html"])
    first = data(path, "news/columns")["rows"][7 if data(path, "news/texts-0")[1][1] == "withheld on request" else 0]
    assert first == -1


def test_it_is_shown_when_it_is_lifted_or_asked_for(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = report(archive, tmp_path / "report")
    assert "withheld.jsonl: 1 entry and 0 records, withheld on request" in capsys.readouterr().err
    report(archive, path, include_withheld=True)
    assert "shown all the same, as --include-withheld asks" in capsys.readouterr().err
    shown = contents(path)
    assert text(page_of(path, "news-article-1").xpath("//h1")[0]) == "Quispe is named"
    assert main(["--archive", str(archive), "report", "-o", str(path)]) == 0
    assert contents(path) != shown
    withhold(archive, "lift")
    assert contents(report(archive, path)) == shown
