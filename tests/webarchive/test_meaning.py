"""Whether an answer is an archived page or the web archive's own word, and what is made of captures."""

from pathlib import Path

import pytest

from psgcrawl.webarchive.addresses import ways
from psgcrawl.webarchive.answers import Archived, Busy, Excluded, Failing, Meaning, Onward, Refused, meaning
from psgcrawl.webarchive.captures import Wanted, wanted
from psgcrawl.webarchive.here import Here, Stored, key
from psgcrawl.webarchive.plan import Deed, lines, plan
from psgcrawl.webarchive.queries import EVER, window
from psgcrawl.webarchive.rows import Row

ACCESS = ways("https://web.archive.org")[0]
NEWS = "http://www.perusupportgroup.org.uk/news.php"
ASKED = ACCESS.memento("20100303120000", NEWS)
THEN = {"Memento-Datetime": "Wed, 03 Mar 2010 12:00:00 GMT"}
DENIED = {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException: Blocked Site Error"}


@pytest.mark.parametrize("status", [200, 301, 404, 429, 500, 503])
def test_what_has_a_memento_datetime_is_archived_whatever_its_status(status: int) -> None:
    headers = {**THEN, "Location": "https://example.com/"}
    assert meaning(status, headers, ASKED, ACCESS, EVER) == Archived("2010-03-03T12:00:00Z")


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        pytest.param(429, {}, Busy, id="too many requests"),
        pytest.param(503, {}, Busy, id="busy"),
        pytest.param(500, {}, Failing, id="broken"),
        pytest.param(504, {}, Failing, id="broken behind"),
        pytest.param(404, {}, Refused, id="not there"),
        pytest.param(403, DENIED, Excluded, id="excluded"),
        pytest.param(403, {}, Refused, id="forbidden"),
        pytest.param(200, {}, Refused, id="a page of the archive itself"),
        pytest.param(302, {"Location": "https://example.com/"}, Refused, id="out of the archive"),
        pytest.param(302, {"Location": NEWS}, Refused, id="to the live web"),
        pytest.param(302, {"Location": ACCESS.memento("2010", "http://a.example/")}, Refused, id="another address"),
        pytest.param(302, {"Location": ACCESS.memento("20120303120000", NEWS)}, Refused, id="out of the window"),
        pytest.param(302, {"Location": ACCESS.memento("20100303120500", NEWS)}, Onward, id="another capture"),
        pytest.param(
            307,
            {"Location": f"/web/20100303120500id_/{NEWS.replace('http://www.', 'https://')}?PHPSESSID=1"},
            Onward,
            id="another capture of a variant of the address",
        ),
    ],
)
def test_what_has_none_is_the_archives_own_word(status: int, headers: dict[str, str], kind: type[Meaning]) -> None:
    assert isinstance(meaning(status, headers, ASKED, ACCESS, window(None, "2011-12-31")), kind)


def row(stamp: str, url: str = NEWS, digest: str | None = "A" * 32, status: int | None = 200) -> Row:
    mime = "warc/revisit" if status is None else "text/html"
    return Row(urlkey="", stamp=stamp, url=url, mime=mime, status=status, digest=digest)


def test_all_variants_of_an_address_are_one_listing_and_others_are_none() -> None:
    rows = [
        row("20100303120000", "https://perusupportgroup.org.uk:443/news.php?position=10"),
        row("20100303120001", "http://www.perusupportgroup.org.uk:80/news.php?PHPSESSID=0&position=20"),
        row("20100303120002", "http://www.perusupportgroup.org.uk/news.php.bak"),
        row("20100303120003", "http://www.perusupportgroup.org.uk/newsletter.php"),
        row("20100303120004", "http://example.org/news.php"),
        row("20200303120000"),
    ]
    found = wanted("news", rows, window(None, "2010-12-31"))
    assert [(one.position, one.when) for one in found] == [(10, "2010-03-03T12:00:00Z"), (20, "2010-03-03T12:00:01Z")]


def test_two_spellings_of_one_moment_and_one_digest_are_one_capture() -> None:
    other = NEWS.replace("http://www.", "https://")
    rows = [row("20100303120000"), row("20100303120000", other), row("20100303120000", other, "B" * 32)]
    assert [one.row.digest for one in wanted("news", rows, EVER)] == ["A" * 32, "B" * 32]


def test_pages_of_posts_have_no_place_in_a_list_and_other_pages_of_the_site_are_none() -> None:
    site = "https://perusupportgroup.org.uk"
    paths = ["/", "/page/2/", "/feed/", "/feed/?paged=2", "/wp-json/wp/v2/posts?page=1", "/2019/12/a/feed/", "/pages/"]
    rows = [row(f"2020010100000{number}", site + path) for number, path in enumerate(paths)]
    found = wanted("posts", rows, EVER)
    assert [one.row.url for one in found] == [site + path for path in paths[:5]]
    assert {one.position for one in found} == {None}


def deeds(rows: list[Row], here: Here) -> list[Deed]:
    return [step.deed for step in plan("news", wanted("news", rows, EVER), here).steps]


def test_equal_digests_are_fetched_once_but_for_errors_and_redirects() -> None:
    rows = [
        row("20100101000000"),
        row("20110101000000"),
        row("20120101000000", status=None),
        row("20130101000000", status=301),
        row("20140101000000", digest=None),
    ]
    assert deeds(rows, Here()) == ["fetch", "repeat", "repeat", "fetch", "fetch"]


def test_what_is_here_is_not_asked_for_again_unless_its_digest_is_another_one() -> None:
    here = Here()
    for year, digest in (("2010", "A"), ("2011", "B")):
        here.digests[key(NEWS, f"{year}0101000000")] = {digest * 32}
    here.loose[key(NEWS, "20120101000000")] = Stored(Path("a"), "<urn:a>")
    here.refused.add(key(NEWS, "20130101000000"))
    here.bodies["C" * 32] = Stored(Path("a"), "<urn:c>")
    rows = [row(f"{year}0101000000") for year in (2010, 2011, 2012, 2013)] + [row("20140101000000", digest="C" * 32)]
    assert deeds(rows, here) == ["held", "fetch", "take up", "refused", "repeat"]


def test_batches_are_runs_between_which_no_snapshot_reaches() -> None:
    found = wanted("news", [row(stamp) for stamp in ("20100101000000", "20100102000000", "20100103000001")], EVER)
    assert [len(batch) for batch in plan("news", found, Here()).batches()] == [2, 1]


def test_a_plan_says_what_is_fetched_and_what_need_not_be() -> None:
    found: list[Wanted] = wanted("news", [row("20100101000000"), row("20110101000000")], EVER)
    told = "\n".join(lines([plan("news", found, Here())], "https://web.archive.org"))
    assert "news: 2 captures in https://web.archive.org" in told
    assert "1  to be fetched" in told
    assert f"2010-01-01T00:00:00Z  200  {'A' * 32}  fetch    {NEWS}" in told
