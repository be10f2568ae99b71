from typing import Any

from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.questions import Question, questions
from psgcrawl.records import Entry
from tests.archive.history.past import Past, day, news


def _issue(number: int, series: str, issue: int | None, /, **given: Any) -> Entry:
    return news(number, series=series, issue=issue, title=f"Title {number}", **given)


def _lives(past: Past, *entries: Entry) -> list[Life]:
    past.see_all(day(1), *entries)
    return past.lives()


def test_numbers_between_the_first_and_the_last_that_no_entry_has_are_asked_for(past: Past) -> None:
    found = _lives(past, *(_issue(issue, "Update", issue) for issue in (101, 103, 104, 108)))
    assert questions(found) == [
        Question(
            series="Update", question="missing", first=102, last=102, entries=["news-article-101", "news-article-103"]
        ),
        Question(
            series="Update", question="missing", first=105, last=107, entries=["news-article-104", "news-article-108"]
        ),
    ]


def test_a_number_that_two_entries_have_is_asked_about(past: Past) -> None:
    found = _lives(past, *(_issue(number, "Peru News", 57) for number in (2, 1)))
    assert questions(found) == [
        Question(series="Peru News", question="twice", first=57, last=57, entries=["news-article-1", "news-article-2"]),
    ]


def test_series_are_looked_at_apart_and_a_whole_sequence_raises_no_question(past: Past) -> None:
    found = _lives(past, _issue(1, "Update", 1), _issue(2, "Peru News", 3), _issue(3, "Update", 2), news(4, issue=9))
    assert questions(found) == []


def test_an_absurd_number_is_one_question(past: Past) -> None:
    found = _lives(past, _issue(1, "Update", 1), _issue(2, "Update", 10**12))
    (question,) = questions(found)
    assert (question.first, question.last) == (2, 10**12 - 1)


def test_one_entry_seen_often_is_one_and_its_last_reading_counts(past: Past) -> None:
    past.see_all(day(1), _issue(1, "Update", 1), _issue(2, "Update", 7))
    past.see_all(day(2), _issue(1, "Update", 1), _issue(2, "Update", 2))
    assert questions(past.lives()) == []
