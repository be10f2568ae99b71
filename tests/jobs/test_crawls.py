from pathlib import Path

import pytest

from psgcrawl.errors import UsageError
from psgcrawl.jobs.crawling import command
from psgcrawl.jobs.crawls import Crawl, read

WHOLE = """
leases = "leases"
patience = 60

[defaults]
archive = "output"
settings = { CONTACT = "ops@example.org", DOWNLOAD_DELAY = 2 }

[[job]]
spider = "posts"
arguments = { mode = "incremental" }
settings = { ROBOTSTXT_OBEY = true, DOWNLOAD_DELAY = 3.5 }

[[job]]
name = "news-of-another"
spider = "news"
arguments = { base = "https://www.example.org:8443/" }
archive = "/srv/other"

[[job]]
spider = "wayback"
arguments = { listing = "news", until = "2012-12-31" }
"""


def jobs(folder: Path, text: str, archive: Path | None = None) -> list[Crawl]:
    path = folder / "JOBS.toml"
    path.write_text(text, encoding="utf-8")
    return read(path, archive)


def test_what_a_file_says_is_what_is_crawled(tmp_path: Path) -> None:
    posts, news, wayback = jobs(tmp_path, WHOLE)
    assert posts == Crawl(
        name="posts",
        spider="posts",
        arguments={"mode": "incremental"},
        settings={"CONTACT": "ops@example.org", "DOWNLOAD_DELAY": "3.5", "ROBOTSTXT_OBEY": "True"},
        archive=tmp_path / "output",
        site="perusupportgroup.org.uk",
        leases=tmp_path / "leases",
        patience=60,
        folder=tmp_path,
    )
    assert (news.name, news.site, news.archive) == ("news-of-another", "example.org:8443", Path("/srv/other"))
    assert (wayback.name, wayback.site) == ("wayback", None)


def test_the_command_is_that_which_a_person_would_type(tmp_path: Path) -> None:
    posts = jobs(tmp_path, WHOLE)[0]
    assert command(posts)[1:] == [
        *("-m", "scrapy", "crawl", "posts", "-a", "mode=incremental"),
        *("-s", "COLLECTION_PATIENCE=60", "-s", "CONTACT=ops@example.org", "-s", "DOWNLOAD_DELAY=3.5"),
        *("-s", "ROBOTSTXT_OBEY=True", "-s", f"ARCHIVE_DIR={tmp_path / 'output'}"),
    ]


def test_leases_of_jobs_of_one_archive_lie_in_it(tmp_path: Path) -> None:
    [job] = jobs(tmp_path, '[[job]]\nspider = "captures"\n', tmp_path / "archive")
    assert (job.archive, job.leases, job.site) == (tmp_path / "archive", tmp_path / "archive" / ".leases", None)


def test_the_site_of_a_job_is_that_of_its_archive(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    profile = 'name = "Ejemplo"\naddress = "https://ejemplo.example/"\ntime_zone = "America/Lima"\nfirst_year = 1994\n'
    (tmp_path / "other" / "site.toml").write_text(f'{profile}wordpress = "/blog/"\n', encoding="utf-8")
    text = """
        leases = "leases"
        [[job]]
        spider = "posts"
        [[job]]
        name = "other"
        spider = "posts"
        archive = "other"
    """
    assert [job.site for job in jobs(tmp_path, text, tmp_path)] == ["perusupportgroup.org.uk", "ejemplo.example"]


@pytest.mark.parametrize("named", ["example.org", "https://www.example.org/", "http://example.org:80/news.php"])
def test_a_site_is_named_by_its_host_or_any_of_its_addresses(tmp_path: Path, named: str) -> None:
    [job] = jobs(tmp_path, f'[[job]]\nspider = "own"\nsite = "{named}"\n', tmp_path)
    assert job.site == "example.org"


WRONG = {
    "no-toml": ("[[job]", "JOBS.toml: "),
    "no-jobs": ("", "JOBS.toml: Object missing required field `job`"),
    "no-job": ("job = []", "Expected `array` of length >= 1"),
    "no-spider": ('[[job]]\nname = "a"', "job 'a': spider: '' is no spider's name"),
    "an-option": ('[[job]]\nspider = "-x"', "spider: '-x' is no spider's name"),
    "an-unknown-field": ('[[job]]\nspider = "posts"\nbase = "x"', "unknown field `base` - at `$.job[0]`"),
    "a-list": ('[[job]]\nspider = "posts"\narguments = { mode = ["full"] }', "Expected `int | str`, got `array`"),
    "an-odd-argument": ('[[job]]\nspider = "posts"\narguments = { "a b" = 1 }', "arguments: 'a b' is no name"),
    "an-odd-setting": ('[[job]]\nspider = "posts"\nsettings = { "A=B" = 1 }', "settings: 'A=B' is no name"),
    "the-archive-as-setting": ('[[job]]\nspider = "posts"\nsettings = { ARCHIVE_DIR = "a" }', "named by 'archive'"),
    "two-of-a-name": ('[[job]]\nspider = "posts"\n[[job]]\nspider = "posts"', "'posts' is the name of 2 jobs"),
    "no-site": ('[[job]]\nspider = "news"', "which site it asks cannot be told"),
    "no-host": ('[[job]]\nspider = "own"\nsite = "a b"', "site: 'a b' is no host"),
    "two-archives": (
        '[[job]]\nspider = "captures"\narchive = "a"\n[[job]]\nname = "b"\nspider = "captures"\narchive = "b"',
        "leases: the jobs have 2 archives",
    ),
}


@pytest.mark.parametrize(("text", "problem"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        jobs(tmp_path, text, tmp_path)
    assert problem in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "JOBS.toml"))


def test_without_an_archive_a_job_has_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="job 'captures': 'archive' is missing"):
        jobs(tmp_path, '[[job]]\nspider = "captures"')


def test_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read(tmp_path / "none.toml", None)
