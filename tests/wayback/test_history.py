"""One history from the first capture to what the WordPress site published again, with the archives of its evidence."""

import json
import re
from pathlib import Path

import pytest

from psgcrawl.archive.history.observed import observed
from psgcrawl.archive.history.telling import history
from psgcrawl.archive.store import Archive
from psgcrawl.cli import main
from psgcrawl.cli.stories import times_of
from tests.miniarchive import MiniArchive
from tests.miniwordpress import FOOT, HEAD, made
from tests.webarchives import PAST, judging
from tests.webarchives.life import STORIES
from tests.webarchives.past import HTTPS
from tests.webarchives.running import Everything, backfill
from tests.webarchives.taken import Taken
from tests.webarchives.truth import TRUTH


def test_the_history_claims_no_removal_that_did_not_happen(everything: Everything) -> None:
    states = set()
    for name in ("news", "articles"):
        notes: list[str] = []
        found = history(Archive(everything.archive), Archive(everything.archive).collection(name), notes.append)
        assert notes == []
        states |= {life.state for life in found.lives}
    assert "removed" in states
    assert judging.false_ends(everything.archive, TRUTH) == []


def test_the_history_says_in_which_web_archive_something_was_seen(everything: Everything) -> None:
    archive = Archive(everything.archive)
    told = history(archive, archive.collection("news"), lambda _: None)
    assert len(told.observations) > 10
    assert all(", seen in 127.0.0.1:" in one for one in times_of(observed(told.observations)).values())


def test_a_revision_has_bounds_and_they_say_where_they_were_seen(
    everything: Everything, capsys: pytest.CaptureFixture[str]
) -> None:
    # It was given another title on 1 June 2011.
    assert main(["--archive", str(everything.archive), "history", "news", "news-article-318"]) == 0
    printed = capsys.readouterr().out
    seen = r" \([^()]*, seen in 127\.0\.0\.1:[0-9/psg]+\)"
    assert re.search(rf"changed between 2010030[34]T[0-9]+Z{seen} and 20170218T060000Z{seen}", printed), printed


def test_entries_are_linked_to_what_the_wordpress_site_published_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    again = [STORIES[id_] for id_ in ("news-article-318", "news-article-345", "news-article-322")]
    # Under the titles of the last day of the old site; two had others before, and one was taken off its list in 2011.
    titles = [story.block("20191130000000").title for story in again]
    assert titles != [story.title for story in again]
    posts = [made(700 + number, title, f"{again[number].day}T09:00:00") for number, title in enumerate(titles)]
    text = f"{HEAD}{''.join(post.article for post in posts)}{FOOT}".encode()
    front = Taken(url=f"{HTTPS}/", stamp="20200115100000", text=text, content_type="text/html; charset=UTF-8")
    news = [taken for taken in PAST.all if "/news.php" in taken.url]
    with MiniArchive((*news, front)) as web:
        assert [backfill(archive, web, listing=name).code for name in ("news", "posts")] == [0, 0]
    assert main(["--archive", str(archive), "history", "--all", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    linked = [{(one["collection"], one["life"]["entry"]["id"]) for one in told["lives"]} for told in found["entries"]]
    assert sorted(map(sorted, linked)) == sorted(
        [("news", story.id), ("posts", f"post-{700 + number}")] for number, story in enumerate(again)
    )
    states = {one["life"]["entry"]["id"]: one["life"]["state"] for told in found["entries"] for one in told["lives"]}
    # The only capture since 2011 of the page on which it stood breaks off: nobody saw that it was gone.
    assert (states["news-article-322"], states["post-702"]) == ("out-of-view", "listed")
