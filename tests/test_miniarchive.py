"""The small web archive answers as the large ones were seen to."""

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import quote, urlsplit

import pytest

from tests import miniarchive
from tests.miniarchive import Limit, MiniArchive
from tests.webarchives import PAST, Taken

SITE = "perusupportgroup.org.uk"


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def rows(self) -> list[list[str]]:
        return [line.split(" ") for line in self.body.decode().splitlines()]


def get(archive: MiniArchive, target: str, *, agent: str = "a test", accept: str = "identity") -> Got:
    """Ask for a path and query, or for an address of the archive."""
    parts = urlsplit(target)
    path = target.removeprefix(f"{parts.scheme}://{parts.netloc}") if parts.scheme else target
    connection = HTTPConnection("127.0.0.1", archive.port, timeout=10)
    try:
        headers = {"User-Agent": agent, "Accept-Encoding": accept}
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Got(response.status, found, response.read())
    finally:
        connection.close()


def cdx(archive: MiniArchive, **query: str) -> Got:
    """Ask the index; ``url`` is news.php unless it is given."""
    asked = {"url": f"{SITE}/news.php", "matchType": "prefix", **query}
    path = "/psg/cdx" if archive.dialect == "pywb" else "/cdx/search/cdx"
    return get(archive, f"{path}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items()))


@pytest.fixture
def archive() -> Iterator[MiniArchive]:
    with MiniArchive() as started:
        yield started


@pytest.fixture
def pywb() -> Iterator[MiniArchive]:
    with MiniArchive(dialect="pywb") as started:
        yield started


def taken(stamp: str, part: str = "") -> Taken:
    return next(one for one in PAST.all if one.stamp == stamp and part in one.url)


class TestTheIndexOfTheInternetArchive:
    def test_rows_are_of_seven_fields_in_the_order_of_addresses_and_times(self, archive: MiniArchive) -> None:
        rows = cdx(archive).rows
        assert {len(row) for row in rows} == {7}
        assert [(row[0], row[1]) for row in rows] == sorted((row[0], row[1]) for row in rows)
        assert [row for row in rows if row[1] == "20170218060000"] == [
            [
                "uk,org,perusupportgroup)/news.php",
                "20170218060000",
                "https://www.perusupportgroup.org.uk/news.php",
                "text/html",
                "200",
                taken("20170218060000").digest,
                rows[[row[1] for row in rows].index("20170218060000")][6],
            ]
        ]

    def test_it_repeats_rows_now_and_then(self, archive: MiniArchive) -> None:
        rows = cdx(archive).body.splitlines()
        assert len(set(rows)) < len(rows)
        assert len(set(rows)) == sum("/news.php" in one.url for one in PAST.all)

    def test_json_is_arrays_of_texts_under_names_and_nothing_is_an_empty_array(self, archive: MiniArchive) -> None:
        names, *rows = json.loads(cdx(archive, output="json", fl="timestamp,urlkey,nonsense").body)
        assert names == ["timestamp", "urlkey"]
        assert rows[0] == ["20080512101500", "uk,org,perusupportgroup)/news.php"]
        assert json.loads(cdx(archive, output="json", **{"from": "2021"}).body) == []

    def test_filters_are_of_the_whole_value(self, archive: MiniArchive) -> None:
        assert cdx(archive, filter="statuscode:2").body == b""
        assert {row[4] for row in cdx(archive, filter="!statuscode:200").rows} == {"-", "301", "404", "500"}
        assert {row[3] for row in cdx(archive, filter="statuscode:-").rows} == {"warc/revisit"}

    def test_collapsing_looks_at_neighbours_only(self, archive: MiniArchive) -> None:
        rows = cdx(archive, url=f"{SITE}/articles.php", matchType="exact", collapse="digest", **{"from": "2012"}).rows
        of_2012 = [row[5] for row in rows if row[1].startswith("2012")]
        assert len(of_2012) == 3
        assert of_2012[0] == of_2012[2] != of_2012[1]

    def test_times_may_be_given_in_part(self, archive: MiniArchive) -> None:
        rows = cdx(archive, **{"from": "2010", "to": "201003"}).rows
        assert {row[1] for row in rows} == {"20100303001000", "20100303230000", "20100304230000"}
        assert [row[1] for row in cdx(archive, limit="-1").rows] == ["20170218101011"]

    def test_the_key_leads_on_and_nothing_is_lost(self, archive: MiniArchive) -> None:
        whole = {tuple(row) for row in cdx(archive).rows}
        found: set[tuple[str, ...]] = set()
        key: dict[str, str] = {}
        for _ in range(20):
            rows = cdx(archive, limit="5", showResumeKey="true", **key).rows
            found.update(tuple(row) for row in rows if len(row) == 7)
            if [""] not in rows:
                break
            key = {"resumeKey": rows[-1][0]}
        assert found == whole

    def test_without_the_address_among_the_fields_the_key_leads_years_away(self, archive: MiniArchive) -> None:
        asked = {"limit": "5", "showResumeKey": "true", "fl": "timestamp,original", "output": "json"}
        *rows, blank, [key] = json.loads(cdx(archive, **asked).body)
        assert (blank, key[:1]) == ([], "-")
        following = json.loads(cdx(archive, **asked, resumeKey=key).body)
        assert int(following[1][0][:4]) > int(rows[-1][0][:4]) + 1

    def test_a_forgetful_one_tells_the_same_again(self, archive: MiniArchive) -> None:
        archive.fault = miniarchive.forgetful
        asked = {"limit": "5", "showResumeKey": "true"}
        first = cdx(archive, **asked)
        again = cdx(archive, **asked, resumeKey=first.rows[-1][0])
        assert (again.status, again.body) == (200, first.body)

    def test_without_a_limit_it_does_not_tell_of_a_whole_site(self, archive: MiniArchive) -> None:
        assert cdx(archive, url=SITE, matchType="domain").status == 504
        assert cdx(archive, url=SITE, matchType="domain", limit="500").status == 200
        assert cdx(archive, url="").status == 400


class TestReplay:
    def test_a_capture_comes_with_its_bytes_its_time_and_the_headers_of_then(self, archive: MiniArchive) -> None:
        page = taken("20100303001000")
        got = get(archive, archive.memento(page))
        assert (got.status, got.body) == (200, page.text)
        assert got.headers["memento-datetime"] == "Wed, 03 Mar 2010 00:10:00 GMT"
        assert got.headers["x-archive-orig-server"] == "Apache/2.2.3 (CentOS)"
        assert got.headers["content-type"] == "text/html; charset=ISO-8859-1"

    @pytest.mark.parametrize("stamp", ["20170218060200", "20170218060300", "20170218060000"])
    def test_what_is_sent_compressed_is_the_page_once_it_is_undone(self, archive: MiniArchive, stamp: str) -> None:
        page = taken(stamp)
        got = get(archive, archive.memento(page), accept="gzip")
        assert got.headers["content-encoding"] == "gzip"
        assert gzip.decompress(got.body) == page.text
        assert get(archive, archive.memento(page)).body == page.text

    def test_without_id_it_is_another_page(self, archive: MiniArchive) -> None:
        page = taken("20170218060000")
        got = get(archive, archive.memento(page).replace("id_/", "/"))
        assert got.body.endswith(page.text)
        assert got.body != page.text

    def test_a_revisit_has_the_bytes_of_what_it_repeats_and_a_time_of_its_own(self, archive: MiniArchive) -> None:
        got = get(archive, archive.memento(taken("20170228060000")))
        assert got.body == taken("20170218060000").text
        assert got.headers["memento-datetime"] == "Tue, 28 Feb 2017 06:00:00 GMT"

    def test_another_time_leads_to_the_nearest_capture_of_any_variant(self, archive: MiniArchive) -> None:
        got = get(archive, f"/web/20110101000000id_/http://{SITE}/news.php?position=20")
        assert got.status == 302
        assert got.headers["location"] == archive.memento(taken("20100401110000"))
        assert "memento-datetime" not in got.headers

    def test_archived_errors_have_a_time_and_its_own_have_none(self, archive: MiniArchive) -> None:
        archived = get(archive, archive.memento(taken("20130719000200", "position=20")))
        assert archived.status == 500
        assert "memento-datetime" in archived.headers
        own = get(archive, f"/web/20130719000200id_/http://{SITE}/nothing.php")
        assert own.status == 404
        assert "memento-datetime" not in own.headers
        assert get(archive, "/web/elsewhere").status == 404

    def test_an_archived_redirect_leads_into_the_archive(self, archive: MiniArchive) -> None:
        got = get(archive, archive.memento(taken("20190820111111")))
        assert got.status == 301
        assert (
            got.headers["location"] == f"http://127.0.0.1:{archive.port}/web/20190820111111id_/https://example.com/peru"
        )
        assert "memento-datetime" in got.headers

    def test_a_page_that_broke_off_comes_as_far_as_it_goes(self, archive: MiniArchive) -> None:
        page = taken("20170218060400")
        got = get(archive, archive.memento(page))
        assert got.body == page.text
        assert "x-archive-orig-content-length" not in got.headers

    def test_an_excluded_site_is_neither_told_of_nor_shown(self, archive: MiniArchive) -> None:
        archive.excluded.add(SITE)
        for got in (cdx(archive), get(archive, archive.memento(taken("20170218060000")))):
            assert got.status == 403
            assert "AdministrativeAccessControlException" in got.headers["x-archive-wayback-runtime-error"]

    def test_it_wants_to_know_who_asks(self, archive: MiniArchive) -> None:
        assert get(archive, archive.memento(taken("20170218060000")), agent="").status == 400


class TestItsTroubles:
    def test_requests_are_counted_by_kind_with_their_times(self, archive: MiniArchive) -> None:
        start = time.monotonic()
        cdx(archive)
        get(archive, archive.memento(taken("20170218060000")))
        get(archive, "/robots.txt")
        assert [one.kind for one in archive.requests] == ["index", "memento", "robots"]
        assert start <= archive.requests[0].at <= archive.requests[1].at
        assert archive.asked("memento")[0].headers["user-agent"] == "a test"
        archive.forget()
        assert archive.requests == []

    def test_who_asks_too_often_gets_429_and_then_no_connection(self, archive: MiniArchive) -> None:
        archive.limits["index"] = Limit(2, 60.0, retry_after=7, patience=1)
        assert [cdx(archive).status for _ in range(3)] == [200, 200, 429]
        assert archive.asked("index")[-1].status == 429
        assert cdx(archive).headers["retry-after"] == "7"
        refused(archive)
        archive.limits.clear()
        archive.accept()
        assert cdx(archive).status == 200

    def test_a_limit_is_of_a_time(self, archive: MiniArchive) -> None:
        archive.limits["index"] = Limit(1, 60.0)
        assert [cdx(archive).status for _ in range(2)] == [200, 429]
        archive.limits["index"] = Limit(1, 0.2)
        assert cdx(archive).status == 200
        time.sleep(0.25)
        assert cdx(archive).status == 200

    def test_faults_come_when_they_are_due(self, archive: MiniArchive) -> None:
        page = archive.memento(taken("20170218060000"))
        archive.fault = miniarchive.after(1, miniarchive.broken(503, {"Retry-After": "2"}), times=2)
        assert [get(archive, page).status for _ in range(4)] == [200, 503, 503, 200]
        archive.fault = miniarchive.after(0, miniarchive.too_many(5), kind="index")
        assert (cdx(archive).headers["retry-after"], get(archive, page).status) == ("5", 200)
        archive.fault = miniarchive.after(0, miniarchive.refusing)
        assert get(archive, page).status == 429
        refused(archive)

    def test_an_answer_may_be_cut_off_late_or_of_another_capture(self, archive: MiniArchive) -> None:
        page, other = taken("20170218060000"), taken("20080512101500")
        archive.fault = miniarchive.cut
        with pytest.raises(IncompleteRead):
            get(archive, archive.memento(page))
        archive.fault = miniarchive.slow(0.2)
        start = time.monotonic()
        assert get(archive, archive.memento(page)).status == 200
        assert time.monotonic() - start >= 0.2
        archive.fault = miniarchive.moved(page, other)
        assert get(archive, archive.memento(page)).headers["location"] == archive.memento(other)
        assert get(archive, archive.memento(other)).status == 200


def refused(archive: MiniArchive) -> None:
    """Assert that connections are refused before long."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            get(archive, "/robots.txt")
        except ConnectionRefusedError:
            return
        except ConnectionError:
            continue
    pytest.fail("connections are accepted still")


class TestPywb:
    def test_rows_are_objects_a_line_and_nothing_is_nothing(self, pywb: MiniArchive) -> None:
        got = cdx(pywb, output="json")
        rows = [json.loads(line) for line in got.body.splitlines()]
        assert got.headers["content-type"] == "text/x-ndjson"
        assert len(rows) == sum("/news.php" in one.url for one in PAST.all)
        assert {"url", "mime", "digest", "filename", "source-coll"} <= rows[0].keys()
        assert [row["timestamp"] for row in rows if "status" not in row] == ["20170228060000", "20170228060100"]
        nothing = cdx(pywb, output="json", url=f"{SITE}/nothing.php")
        assert (nothing.status, nothing.body) == (200, b"")

    def test_by_default_they_are_cdxj(self, pywb: MiniArchive) -> None:
        key, stamp, rest = cdx(pywb, limit="1").body.decode().split(" ", 2)
        assert (key, stamp) == ("uk,org,perusupportgroup)/news.php", "20080512101500")
        assert json.loads(rest)["status"] == "200"

    def test_it_ignores_keys_and_collapsing_and_drops_names_that_it_does_not_know(self, pywb: MiniArchive) -> None:
        asked = {"output": "json", "fl": "urlkey,timestamp,original", "collapse": "digest", "showResumeKey": "true"}
        rows = [json.loads(line) for line in cdx(pywb, **asked, resumeKey="x").body.splitlines()]
        assert len(rows) == sum("/news.php" in one.url for one in PAST.all)
        assert rows[0].keys() == {"urlkey", "timestamp"}
        assert cdx(pywb, limit="-1").body == b""
        assert json.loads(cdx(pywb, output="json", sort="reverse", limit="1").body)["timestamp"] == "20170218101011"

    def test_filters_hold_a_part_unless_they_say_otherwise(self, pywb: MiniArchive) -> None:
        def statuses(text: str) -> set[str]:
            rows = map(json.loads, cdx(pywb, output="json", filter=text).body.splitlines())
            return {row.get("status", "none") for row in rows}

        assert statuses("statuscode:0") == {"200", "301", "404", "500"}
        assert statuses("=status:20") == set()
        assert statuses("~status:[45]") == {"404", "500"}
        assert statuses("!statuscode:200") == {"301", "404", "500", "none"}

    def test_what_it_does_not_understand(self, pywb: MiniArchive) -> None:
        assert [cdx(pywb, url="").status, cdx(pywb, output="xml").status, cdx(pywb, matchType="x").status] == [400] * 3
        assert json.loads(cdx(pywb, output="xml").body).keys() == {"message"}
        assert cdx(pywb, filter="~status:(").status == 500
        assert (cdx(pywb, **{"from": "abc"}).status, cdx(pywb, **{"from": "abc"}).body) == (200, b"")

    def test_redirects_are_as_they_were_captured_and_other_times_lead_to_the_nearest(self, pywb: MiniArchive) -> None:
        got = get(pywb, pywb.memento(taken("20190820111111")))
        assert (got.status, got.headers["location"]) == (301, "https://example.com/peru")
        assert got.headers["x-archive-orig-location"] == "https://example.com/peru"
        got = get(pywb, f"/psg/20200101id_/http://{SITE}/news.php?position=60")
        assert (got.status, got.headers["location"]) == (307, pywb.memento(taken("20170218060600")))
        assert get(pywb, f"/psg/2020id_/http://{SITE}/nothing").status == 404
        assert get(pywb, "/cdx/search/cdx?url=x").status == 404
