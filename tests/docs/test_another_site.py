"""docs/another-site.md, followed as a reader follows it: two invented sites, crawled, compared, exported, reported."""

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from psgcrawl import cli, site
from psgcrawl.archive import rules
from psgcrawl.archive.store import Archive
from psgcrawl.records import Entry
from tests import crawls
from tests.minitable import MiniTable
from tests.miniwordpress import MiniWordPress, error, made
from tests.postcrawls import SETTINGS, tick

DOCUMENT: Final = (Path(__file__).parents[2] / "docs" / "another-site.md").read_text("utf-8")
SECTIONS: Final = {part.partition("\n")[0]: part for part in DOCUMENT.split("\n## ")}
WORDPRESS: Final = "A WordPress in Spanish"
TABLES: Final = "A site of PHP pages, with tables and dates in figures"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let time pass, and leave no profile behind."""
    tick(monkeypatch)
    with site.using(site.GROUP):
        yield


class Reader:
    """Somebody who follows one section, in a folder of their own."""

    def __init__(self, folder: Path, section: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self._text = SECTIONS[section]
        [self.profile] = re.findall(r"```toml\n(.*?)```", self._text, re.DOTALL)
        found = {line for line in self._lines() if " -s ARCHIVE_DIR=" in line}
        [self._archive] = {re.findall(r"ARCHIVE_DIR=(\S+)", line)[0] for line in found}
        self.archive = folder / "archive"
        self.archive.mkdir()
        (self.archive / "site.toml").write_text(self.profile, "utf-8")

    def _lines(self) -> list[str]:
        blocks = re.findall(r"```sh\n(.*?)```", self._text, re.DOTALL)
        return [line for block in blocks for line in block.splitlines()]

    def crawl(self, base: str) -> list[crawls.Crawled]:
        """Type the crawls; the site stands at ``base``."""
        loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["psgcrawl.spiders"]}))
        done = []
        for line in self._lines():
            words = shlex.split(line)
            if words[:2] != ["scrapy", "crawl"]:
                continue
            given = dict(word.split("=", 1) for option, word in pairwise(words) if option == "-a")
            crawler = crawls.crawl_here(self.archive, loader.load(words[2]), SETTINGS, **given, base=base)
            done.append(crawls.Crawled(self.archive, crawls.outcome_of(crawler)))
        return done

    def say(self, command: str) -> list[tuple[int, str]]:
        """Type the lines of one command of ``psgcrawl``; return exit code and output of each."""
        found = []
        for line in self._lines():
            words = shlex.split(line.replace(self._archive, str(self.archive)))
            if words[0] != "psgcrawl" or words[3] != command:
                continue
            typed = [str(self.folder / word) if before == "-o" else word for before, word in pairwise(words)]
            found.append((cli.main(typed), self._capsys.readouterr().out))
        assert found
        return found


def entries(archive: Path, collection: str) -> dict[str, Entry]:
    """Return the entries of the latest snapshot by their titles."""
    latest = Archive(archive).collection(collection).snapshots()[-1]
    return {entry.title: entry for entry in latest.entries()}


@pytest.mark.parametrize("section", [WORDPRESS, TABLES])
def test_a_site_takes_thirty_lines_at_most(section: str) -> None:
    [profile] = re.findall(r"```toml\n(.*?)```", SECTIONS[section], re.DOTALL)
    assert 0 < len(profile.splitlines()) <= 30


def spanish() -> MiniWordPress:
    """Return a WordPress in Spanish whose REST API is closed; in Lima its posts are of the evening before."""
    blog = MiniWordPress()
    blog.remove(*blog.posts)
    for number in range(1, 25):
        text = f"La crónica {number} cuenta de la feria, del camino y de la lluvia."
        text += f" La entrada Crónica {number} de la sierra se publicó primero en Red Andina."
        blog.add(made(number, f"Crónica {number} de la sierra", f"2023-01-{number + 1:02}T02:30:00", text))
    blog.rest = error("rest_forbidden", 401)
    return blog


def test_a_wordpress_in_spanish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader(tmp_path, WORDPRESS, capsys)
    with spanish() as blog:
        [first] = reader.crawl(blog.base)
        blog.add(made(25, "Un puente nuevo", "2023-02-10T12:00:00", "Une las dos orillas."))
        blog.remove(3)
        [second] = reader.crawl(blog.base)
    assert [one.outcome.exit_code for one in (first, second)] == [0, 0]
    assert (first.coverage.complete, first.coverage.end) == (True, "short-page")
    shown = entries(reader.archive, "posts")
    assert len(shown) == 24
    # Half past two at night in Greenwich is the evening before in Lima.
    chronicle = shown["Crónica 7 de la sierra"]
    assert chronicle.date_edtf == "2023-01-07"
    assert chronicle.summary == "La crónica 7 cuenta de la feria, del camino y de la lluvia."
    [(code, said)] = reader.say("diff")
    assert code == 1
    assert "Un puente nuevo" in said
    assert "Crónica 3 de la sierra" in said
    _judged(reader, "posts", "export", "Red Andina: new in posts")


def test_a_site_of_php_pages_in_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader(tmp_path, TABLES, capsys)
    with MiniTable() as mesa:
        first = reader.crawl(mesa.base)
        mesa.notes[4].text += " Volverán a reunirse."
        mesa.notes[0].title = "Reunión aplazada"
        del mesa.bulletins[5]
        second = reader.crawl(mesa.base)
        assert {target for target in mesa.requests if "?" in target} == {
            "/notas.php?pagina=2",
            "/notas.php?pagina=3",
            "/lista.php?tipo=boletines",
            "/lista.php?tipo=boletines&desde=10",
            "/ver.php?id=208",
        }
    assert [one.outcome.exit_code for one in (*first, *second)] == [0] * 6
    assert [(one.coverage.complete, one.coverage.end, one.coverage.positions) for one in first] == [
        (True, "short-page", [(0, 10)]),
        (True, "short-page", [(0, 10)]),
        (False, "single-page", []),
    ]
    notes, bulletins, home = (entries(reader.archive, name) for name in ("notas", "boletines", "portada"))
    assert (len(notes), len(bulletins)) == (12, 12)
    aplazada = notes["Reunión aplazada"]
    assert (aplazada.id, aplazada.dateline, aplazada.date_edtf) == ("entry-112", "14.03.2019", "2019-03-14")
    harvest = bulletins["La cosecha, parte 12"]
    assert (harvest.dateline, harvest.date_edtf) == ("Publicado el 12 de feb. de 2019", "2019-02-12")
    assert {entry.kind for entry in home.values()} == {"entry", "notice"}
    assert [(code, _changes(said)) for code, said in reader.say("diff")] == [
        (1, {"Reunión aplazada", "Reunión 8 sobre el agua"}),
        (1, {"La cosecha, parte 8"}),
        (1, {"Reunión aplazada"}),
    ]
    _judged(reader, "notas", "export", "Reunión aplazada")


def _changes(said: str) -> set[str]:
    titles = re.findall(r"Reunión (?:aplazada|[0-9]+ sobre el agua)|La cosecha, parte [0-9]+", said)
    return set(titles) - {"Reunión 12 sobre el agua"}


def _judged(reader: Reader, collection: str, export: str, title: str) -> None:
    """Assert that the archive is sound, derives again the same, and that what is written from it names its own site."""
    assert [code for code, _ in reader.say("verify")] == [0]
    crawls.sound(reader.archive)
    assert [code for code, _ in reader.say("rebuild")] == [0]
    assert [code for code, _ in reader.say(export)] == [0]
    assert [code for code, _ in reader.say("report")] == [0]
    [written] = [path for path in reader.folder.iterdir() if path.is_file()]
    assert title in written.read_text("utf-8")
    profile = site.current()
    report = "".join(path.read_text("utf-8") for path in (reader.folder / "report").rglob("*.html"))
    assert f"An archive of {profile.called}’s listings" in report
    assert profile.rights.replace("'", "&#39;") in report
    assert "Peru Support Group" not in report
    for snapshot in Archive(reader.archive).collection(collection).snapshots():
        manifest = json.loads((snapshot.folder / "datapackage.json").read_bytes())
        assert manifest["psgcrawl"]["site"] == profile.sha256
        assert manifest["description"].startswith(profile.rights)
        assert rules.of(snapshot.manifest().provenance) == rules.today()
