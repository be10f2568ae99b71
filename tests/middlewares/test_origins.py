"""The second line: whose answer it is, whatever the resolver said."""

from ipaddress import ip_address

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError
from scrapy.http import Response
from scrapy.settings import Settings

from psgcrawl.middlewares.origins import AnswersMiddleware, Refused
from psgcrawl.middlewares.resolver import REFUSED
from psgcrawl.spiders.captures import CapturesSpider

PAGE = Request("http://example.org/news.php")


@pytest.fixture
def answers() -> AnswersMiddleware:
    return AnswersMiddleware.from_crawler(Crawler(CapturesSpider, Settings({"DOWNLOAD_MAXSIZE": 99})))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:169.254.169.254"])
def test_an_answer_from_no_public_address_is_not_taken(answers: AnswersMiddleware, address: str) -> None:
    response = Response(PAGE.url, ip_address=ip_address(address))
    with pytest.raises(Refused, match="no address of the public internet"):
        answers.process_response(PAGE, response)


def test_an_answer_for_this_machine_from_elsewhere_is_not_taken(answers: AnswersMiddleware) -> None:
    here = Request("http://localhost:8000/")
    with pytest.raises(Refused, match=r"localhost is at 8\.8\.8\.8: no address of this machine"):
        answers.process_response(here, Response(here.url, ip_address=ip_address("8.8.8.8")))


@pytest.mark.parametrize("address", [None, "8.8.8.8", "2606:4700::1111"])
def test_other_answers_are(answers: AnswersMiddleware, address: str | None) -> None:
    response = Response(PAGE.url, ip_address=ip_address(address) if address else None)
    assert answers.process_response(PAGE, response) is response


@pytest.mark.parametrize(("status", "taken"), [(200, True), (201, False), (206, False), (299, False), (404, True)])
def test_of_successes_only_200_is_a_page(answers: AnswersMiddleware, status: int, taken: bool) -> None:
    response = Response(PAGE.url, status=status)
    if taken:
        assert answers.process_response(PAGE, response) is response
    else:
        with pytest.raises(Refused, match=f"the server answered {status}: only 200 is a page"):
            answers.process_response(PAGE, response)


def test_failures_without_words_get_some(answers: AnswersMiddleware, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"larger than 99 bytes \(DOWNLOAD_MAXSIZE\)"):
        answers.process_exception(PAGE, DownloadCancelledError())
    monkeypatch.setitem(REFUSED, "example.org", ["10.0.0.1"])
    with pytest.raises(Refused, match=r"example\.org is at 10\.0\.0\.1: no address of the public internet"):
        answers.process_exception(PAGE, CannotResolveHostError("no results"))


def test_failures_with_words_keep_them(answers: AnswersMiddleware) -> None:
    answers.process_exception(PAGE, DownloadCancelledError("larger than the limit"))
    answers.process_exception(PAGE, CannotResolveHostError("nobody knows it"))
