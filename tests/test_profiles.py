"""``site.toml``: what it says is read, what is wrong in it is named, and when it changes that is known."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from psgcrawl import cli, datelines, profiles, site, urls
from psgcrawl.errors import UsageError
from psgcrawl.layouts import parts
from psgcrawl.layouts.wordpress import posts
from psgcrawl.profiles.reading import read
from psgcrawl.records import DERIVATION
from tests import crawls

DOCUMENT = (Path(__file__).parents[1] / "docs" / "another-site.md").read_text("utf-8")
LEAST = """\
name = "Red Andina"
address = "https://www.redandina.example"
time_zone = "America/Lima"
first_year = 1994
"""
NOTES = LEAST + '[listings.notas]\npath = "/notas.php"\n'


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with site.using(site.GROUP):
        yield


def written(folder: Path, text: str) -> Path:
    """Return the path of a profile."""
    path = folder / profiles.NAME
    path.write_text(text, "utf-8")
    return path


def entered(folder: Path, text: str) -> site.Site:
    """Return a profile that is at work."""
    written(folder, text)
    return profiles.enter(folder)


def test_the_least_is_five_lines(tmp_path: Path) -> None:
    found = read(written(tmp_path, LEAST + 'wordpress = "/blog"'))
    assert (found.host, found.address, found.wordpress) == (
        "redandina.example",
        "https://redandina.example/",
        "https://redandina.example/blog/",
    )
    assert (found.names, found.called, found.sha256 is not None) == (("posts",), "Red Andina", True)
    assert "Red Andina" in found.rights


def test_an_archive_without_a_profile_is_of_the_groups_listings(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert entered(tmp_path, NOTES).name == "Red Andina"
    assert profiles.enter(other) is site.GROUP is site.current()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = ", "not TOML: "),
        (NOTES.replace("Red", "R\x00d"), "not TOML: "),
        (LEAST, "neither a listing ([listings.NAME]) nor 'wordpress': there is nothing to crawl"),
        (NOTES.replace("name", "names"), "no 'name'"),
        (NOTES.replace('"Red Andina"', '" "'), "name: ' ': empty"),
        (NOTES.replace('"Red Andina"', "7"), "name: 7: no text"),
        (
            NOTES.replace("https://www.redandina.example", "redandina"),
            "address: 'redandina': not the address of a site",
        ),
        (NOTES.replace("example", "example/pe/"), "address: 'https://www.redandina.example/pe/': not the address"),
        (NOTES.replace("example", "example:8000"), "address: 'https://www.redandina.example:8000': with a port"),
        (NOTES.replace("example", "example:x"), "address: 'https://www.redandina.example:x': with a port"),
        (NOTES.replace("https", "ftp"), "address: 'ftp://www.redandina.example': not the address of a site"),
        (NOTES.replace("Lima", "Cuzco"), "time_zone: 'America/Cuzco': no time zone"),
        (NOTES.replace("America/Lima", "../Lima"), "time_zone: '../Lima': no time zone"),
        ('language = "qu"\n' + NOTES, "language: 'qu': not one of en, es"),
        (NOTES.replace("1994", "94"), "first_year: 94: not from 1900 to 1999"),
        (NOTES.replace("1994", "true"), "first_year: True: no whole number"),
        (LEAST + 'wordpress = "blog"', "wordpress: 'blog': no path on the site: it begins with '/'"),
        (LEAST + 'wordpress = "/"\nwordpress_since = "2019"', "wordpress_since: '2019': no day"),
        (LEAST + 'detail = "("\n' + NOTES[len(LEAST) :], "detail: '(': no regular expression: missing )"),
        (LEAST + 'detail = "/(.*)"\n' + NOTES[len(LEAST) :], "detail: '/(.*)': without the group (?P<id>…)"),
        (LEAST + 'colour = "red"\n' + NOTES[len(LEAST) :], "colour: 'red': there is no such key (there are: address, "),
        (NOTES + 'parametro = "p"', "listings.notas.parametro: 'p': there is no such key (there are: excerpts, "),
        (NOTES + "step = 0", "listings.notas.step: 0: not from 1 to 1000"),
        (NOTES + 'step = "10"', "listings.notas.step: '10': no whole number"),
        (NOTES + 'numbered = "yes"', "listings.notas.numbered: 'yes': neither true nor false"),
        (NOTES + 'headings = ["Notas", 3]', "listings.notas.headings: 3: no text"),
        (NOTES + 'series = "Boletín"', "listings.notas.series: 'Boletín': not in [series]"),
        (NOTES + 'parameter = "p"\nexcerpts = true', "listings.notas.excerpts: True: a listing with a 'parameter'"),
        (NOTES.replace("/notas", "notas"), "listings.notas.path: 'notas.php': no path on the site"),
        (NOTES.replace("path", "parameter"), "listings.notas: no 'path'"),
        (NOTES + '[listings.otras]\npath = "/NOTAS.php"', "path: '/NOTAS.php': of 'notas' and of 'otras'"),
        (
            NOTES.replace("listings.notas", "listings.Notas"),
            "listings: 'Notas': lower-case letters, digits and '-' only",
        ),
        (NOTES.replace("listings.notas", "listings.posts"), "listings: 'posts': the name means something else already"),
        (NOTES + '[dates]\nnumeric = "dmy"', "dates.numeric: 'dmy': not one of day-month-year, month-day-year"),
        (NOTES + '[dates]\nmonths = ["janeiro"]', "dates.months: ['janeiro']: 1 and not 12, from January on"),
        (NOTES + f"[dates]\nmonths = {['x'] * 12}", "dates.months: 'x': no word of 3 to 12 letters"),
        (NOTES + "[series]\nActa = [1]", "series.Acta: 1: no text"),
        ('listings = "notas"\n' + LEAST, "listings: 'notas': no table"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}: {problem}")


def test_a_profile_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / profiles.NAME
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(UsageError, match="not UTF-8 at byte 8"):
        read(path)


def test_a_wrong_profile_ends_crawls_and_commands_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = f"{written(tmp_path, NOTES.replace('Lima', 'Cuzco'))}: time_zone: 'America/Cuzco': no time zone"
    assert cli.main(["--archive", str(tmp_path), "status"]) == 2
    assert said in capsys.readouterr().err
    ran = crawls.crawl(tmp_path)
    assert (ran.code, said in ran.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == [profiles.NAME]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["listing"], "-a listing= is missing: the listings of several pages of Red Andina are: none"),
        (
            ["page", "-a", "listing=actas"],
            "listing: 'actas' is no listing of one page of Red Andina (there are: notas)",
        ),
        (["listing", "-a", "listing=notas"], "listing: 'notas' is no listing of several pages of Red Andina"),
        (["news", "-a", "base=http://127.0.0.1"], "listing: 'news' is no listing of several pages of Red Andina"),
        (["posts"], "-a base= is missing: the profile of Red Andina names no WordPress"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_a_listing_that_the_profile_does_not_declare_is_wrong_usage(
    tmp_path: Path, words: list[str], problem: str
) -> None:
    written(tmp_path, NOTES)
    ran = crawls.run("-m", "scrapy", "crawl", *words, "-s", f"ARCHIVE_DIR={tmp_path}", "-s", "CONTACT=me@example.org")
    assert ran.code == 2
    assert problem in ran.err


def test_every_key_is_described_and_no_other(tmp_path: Path) -> None:
    tables = re.findall(r"\| key \| means \|\n\|---\|---\|\n((?:\|.*\n)+)", DOCUMENT)
    cells = ["".join(re.findall(r"^\|([^|]+)\|", one, re.MULTILINE)) for one in tables]
    described = [set(re.findall(r"`([a-z_.]+(?:NAME)?)`", one)) for one in cells]
    known = []
    for text, inside in ((LEAST + "wrong = 1\n", ""), (NOTES + "wrong = 1", "listings.notas.")):
        with pytest.raises(UsageError) as raised:
            read(written(tmp_path, text + ("" if inside else '[listings.notas]\npath = "/"')))
        known.append(set(re.findall(r"there are: (.*)\)", str(raised.value))[0].split(", ")))
    assert {key.partition(".")[0] for key in described[0]} == known[0] - {"listings"}
    assert described[1] == known[1]
    assert {key for key in described[0] if "." in key} >= {"dates.numeric", "dates.prefixes", "series.NAME"}


@pytest.mark.parametrize(
    ("order", "line", "edtf"),
    [
        ("day-month-year", "14.03.2019", "2019-03-14"),
        ("day-month-year", "4/3/2019", "2019-03-04"),
        ("day-month-year", "Jueves, 14-03-2019", "2019-03-14"),
        ("day-month-year", "14/3/19", "2019-03-14?"),
        ("day-month-year", "14/3/93", "2093-03-14?"),
        ("day-month-year", "14/3-2019", None),
        ("day-month-year", "1.2.3", None),
        ("day-month-year", "2019-03-14", "2019-03-14"),
        ("month-day-year", "4/3/2019", "2019-04-03"),
        ("year-month-day", "2019/03/14", "2019-03-14"),
        ("year-month-day", "14.03.2019", None),
        (None, "14.03.2019", None),
        (None, "2019/03/14", None),
        (None, "14 mar. 2019", "2019-03-14"),
        (None, "Publicado el 14 de marzo de 2019", "2019-03-14"),
        (None, "PUBLICADO EL: 14 de marzo de 2019.", "2019-03-14"),
        (None, "Publicado el", None),
        (None, "Publicado elegante 14 de marzo de 2019", None),
        (None, "Acta 7. 14 de marzo de 2019", "2019-03-14"),
        (None, "14 de março de 2019", "2019-03-14"),
        (None, "quinta-feira", None),
    ],
)
def test_dates_are_read_as_the_profile_says(tmp_path: Path, order: str | None, line: str, edtf: str | None) -> None:
    months = ["janeiro", "fevereiro", "março", *(f"mes{letter}" for letter in "abcdefghi")]
    dates = f'\n[dates]\nprefixes = ["Publicado el"]\nmonths = {months}\n' + (f'numeric = "{order}"\n' if order else "")
    entered(tmp_path, f'{NOTES}{dates}[series]\n"Acta" = ["Ac."]\n')
    found = datelines.parse(line)
    assert (found.edtf if found else None) == edtf


def test_a_day_in_figures_that_no_calendar_has_is_flagged(tmp_path: Path) -> None:
    entered(tmp_path, f'{NOTES}[dates]\nnumeric = "day-month-year"\n')
    for line in ("31.02.2019", "14.13.2019"):
        found = datelines.parse(line)
        assert found is not None
        assert (found.edtf, found.flags) == (None, ("impossible-date",))


def test_a_dateline_in_figures_is_one_for_the_layouts_too(tmp_path: Path) -> None:
    assert parts.read_dateline("14.03.2019") is None
    entered(tmp_path, f'{NOTES}[dates]\nnumeric = "day-month-year"\n')
    assert parts.read_dateline("14.03.2019") is not None


def test_headings_are_known_whatever_their_case_and_punctuation(tmp_path: Path) -> None:
    entered(tmp_path, f'notice_headings = "Avisos y convocatorias"\n{NOTES}headings = ["Últimas notas"]\n')
    assert [parts.list_heading(line) for line in ("ÚLTIMAS NOTAS:", "Avisos, y convocatorias", "Notas")] == [
        "notas",
        "notices",
        None,
    ]


def test_a_post_that_is_protected_says_so_in_the_language_of_its_site(tmp_path: Path) -> None:
    said = partial(posts.entry, 7, title="Protegido: Acta", day=None, href=None)
    excerpt = "No hay extracto porque es una entrada protegida."
    assert said(summary=excerpt).title == "Protegido: Acta"
    entered(tmp_path, f'language = "es"\n{NOTES}')
    found = said(summary=excerpt)
    assert (found.title, found.summary) == ("Acta", "")
    english = posts.entry(7, title="Protected: Acta", summary="", day=None, href=None, protected=True)
    assert english.title == "Acta"


def test_addresses_of_a_site_are_stored_with_its_scheme(tmp_path: Path) -> None:
    entered(tmp_path, NOTES)
    assert urls.canonical("ver.php?id=7", "http://www.redandina.example/notas.php") == (
        "https://redandina.example/ver.php?id=7"
    )
    assert urls.canonical("http://perusupportgroup.org.uk/news.php", None) == "http://perusupportgroup.org.uk/news.php"


def test_another_profile_is_another_set_of_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    page = tmp_path / "pages" / "page.html"
    page.parent.mkdir()
    rows = "".join(
        f"<tr><td>{day:02}.03.2019</td><td><b><a href='/ver.php?id={day}'>Nota {day} del agua</a></b><br>"
        "Las comunidades de la cuenca se reunieron y hablaron del agua y de los pastos.</td></tr>"
        for day in (14, 9, 2)
    )
    page.write_text(f"<html><body><h1>Notas</h1><table>{rows}</table></body></html>", "utf-8")
    (page.parent / "captures.jsonl").write_text(
        '{"file":"page.html","url":"https://redandina.example/notas.php","captured_at":"2019-04-01T00:00:00Z"}\n'
    )
    written(archive, NOTES + 'parameter = "p"\n[dates]\nnumeric = "day-month-year"\n')
    crawls.crawl_here(archive, path=str(page.parent))
    told = ["--archive", str(archive)]
    assert cli.main([*told, "rebuild", "notas", "--check"]) == 0
    assert cli.main([*told, "verify", "--deep"]) == 0
    capsys.readouterr()
    written(archive, NOTES + 'parameter = "p"\n[dates]\nnumeric = "month-day-year"\n')
    assert cli.main([*told, "verify", "--deep"]) == 0
    assert f"not derived again: made by rules {DERIVATION} with the site.toml " in capsys.readouterr().out
    assert cli.main([*told, "rebuild", "notas", "--check"]) == 1
    assert cli.main([*told, "rebuild", "notas"]) == 0
    assert "the way in which pages are read changed, not the site" in capsys.readouterr().out
    assert cli.main([*told, "rebuild", "notas", "--check"]) == 0
    assert cli.main([*told, "verify", "--deep"]) == 0
