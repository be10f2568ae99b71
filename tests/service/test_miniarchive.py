"""The small web archive of the tests, in pywb's dialect, beside a real pywb that holds the same captures."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

from tests.miniarchive import MiniArchive
from tests.service.replaying import Answer, asked
from tests.webarchives import PAST

pytestmark = pytest.mark.service

SITE = "perusupportgroup.org.uk"


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    with MiniArchive(dialect="pywb") as archive:
        yield f"http://127.0.0.1:{archive.port}/"


def rows(address: str, query: str) -> list[dict[str, str]]:
    answer = asked(address, f"/psg/cdx?output=json&{query}")
    assert answer.status == 200
    return [json.loads(line) for line in answer.body.splitlines()]


COMPARED = ("urlkey", "timestamp", "url", "mime", "status", "digest")


@pytest.mark.parametrize(
    "query",
    [
        f"url={SITE}/news.php&matchType=prefix",
        f"url={SITE}/articles.php&matchType=prefix",
        f"url={SITE}/",
        f"url={quote(f'http://www.{SITE}:80/news.php?position=10', safe='')}",
        f"url={SITE}&matchType=domain&limit=150",
        f"url={SITE}/news.php&matchType=prefix&from=2010&to=201003",
        f"url={SITE}/news.php&matchType=prefix&from=abc",
        f"url={SITE}/news.php&matchType=prefix&filter=statuscode:0",
        f"url={SITE}/news.php&matchType=prefix&filter=!statuscode:200",
        f"url={SITE}/news.php&matchType=prefix&filter=~status:[45]",
        f"url={SITE}/news.php&matchType=prefix&sort=reverse&limit=3",
        f"url={SITE}/news.php&matchType=prefix&collapse=digest&showResumeKey=true&limit=5",
        f"url={SITE}/news.php&matchType=prefix&limit=-1",
        f"url={SITE}/news.php&matchType=prefix&fl=urlkey,timestamp,original,statuscode",
        f"url={SITE}/nothing.php",
    ],
)
def test_the_index_tells_the_same(real: str, ours: str, query: str) -> None:
    def told(address: str) -> list[dict[str, str]]:
        return [{name: row[name] for name in COMPARED if name in row} for row in rows(address, query)]

    assert told(ours) == told(real)


@pytest.mark.parametrize("query", ["output=json", f"url={SITE}&output=xml", f"url={SITE}&matchType=x"])
def test_it_refuses_the_same(real: str, ours: str, query: str) -> None:
    found = [asked(address, f"/psg/cdx?{query}") for address in (ours, real)]
    assert [answer.status for answer in found] == [400, 400]
    assert [list(json.loads(answer.body)) for answer in found] == [["message"]] * 2


def replayed(address: str, target: str) -> Answer:
    """Return a capture, its body without compression; one that is cut off, as far as it goes."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", target, headers={"Accept-Encoding": "identity", "User-Agent": "a test"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("number", range(4))
def test_every_capture_is_replayed_the_same(real: str, ours: str, number: int) -> None:
    for taken in PAST.all[number::4]:
        target = f"/psg/{taken.stamp}id_/{taken.url}"
        one, other = replayed(ours, target), replayed(real, target)
        place = (taken.url, taken.stamp)
        assert (place, one.status) == (place, other.status)
        places = [
            answer.headers.get("location", "").removeprefix(base) for answer, base in ((one, ours), (other, real))
        ]
        assert places[0] == places[1], place
        assert one.headers.get("memento-datetime") == other.headers.get("memento-datetime"), place
        assert one.body == other.body, place
        assert one.headers.get("content-type") == other.headers.get("content-type"), place
        assert one.headers.get("x-archive-orig-server") == other.headers.get("x-archive-orig-server"), place


@pytest.mark.parametrize(
    "target",
    [
        f"/psg/20110101000000id_/http://{SITE}/news.php?position=20",
        f"/psg/2020id_/http://{SITE}/news.php?position=60",
        f"/psg/20170218060000id_/http://{SITE}/nothing.php",
    ],
)
def test_what_is_not_there_leads_to_the_nearest_or_nowhere(real: str, ours: str, target: str) -> None:
    one, other = replayed(ours, target), replayed(real, target)
    assert one.status == other.status
    places = [urlsplit(answer.headers.get("location", "")) for answer in (one, other)]
    assert places[0].path == places[1].path
    assert [("memento-datetime" in answer.headers) for answer in (one, other)] == [False, False]
