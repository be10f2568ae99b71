"""Where a WordPress is: folders, prefixes of its API, redirects, and what is none."""

from pathlib import Path

import pytest

from psgcrawl.errors import UsageError
from psgcrawl.spiders.posts import PostsSpider
from tests.minisite import Answer
from tests.miniwordpress import MISSING, MiniWordPress, html
from tests.postcrawls import crawl
from tests.posts.asking import asked, many


def test_a_blog_in_a_folder_is_crawled_there(tmp_path: Path) -> None:
    with MiniWordPress(folder="/blog") as site:
        for base in (site.base, site.base.rstrip("/")):
            crawled = crawl(tmp_path / base[-1].replace("/", "x"), base)
            assert crawled.proved == ("committed", True, "total")
        assert all(target.startswith(("/blog/", "poll")) or "rest" in target for target in asked(site))


@pytest.mark.parametrize(("prefix", "link"), [("api/of/ours", True), ("", True), ("", False)])
def test_the_home_page_says_where_the_api_is_and_the_next_crawl_remembers(
    tmp_path: Path, prefix: str, link: bool
) -> None:
    with MiniWordPress(prefix=prefix) as site:
        site.link = link
        assert crawl(tmp_path, site.base).proved == ("committed", True, "total")
        assert asked(site) == ["poll", "/", "poll", "rest 1"]
        assert crawl(tmp_path, site.base).line.outcome == "unchanged"
        assert asked(site) == ["poll", "rest 1"]


def test_redirects_within_the_site_are_gone_through_once(site: MiniWordPress, tmp_path: Path) -> None:
    site.posts = many(250)
    site.folder = "/blog"

    def moved(target: str) -> Answer | None:
        if target.startswith("/blog") or target == "/robots.txt":
            return None
        return Answer(b"", 301, headers=(("Location", f"/blog{target}"),))

    site.instead = moved
    crawled = crawl(tmp_path, f"{site.address}/")
    assert crawled.proved == ("committed", True, "total")
    assert [seen.status for seen in site.requests] == [404, 301, 200, 200, 200, 200]


def test_a_redirect_that_loses_the_question_is_no_answer(site: MiniWordPress, tmp_path: Path) -> None:
    home = Answer(b"", 302, headers=(("Location", "/"),))
    site.instead = lambda target: home if "wp/v2/posts" in target else None
    crawled = crawl(tmp_path, site.base)
    assert crawled.proved == ("committed", True, "short-page")


def test_a_site_that_is_no_wordpress_is_said_to_be_none(site: MiniWordPress, tmp_path: Path) -> None:
    site.instead = lambda target: html("<h1>Welcome</h1>") if target == "/" else MISSING
    crawled = crawl(tmp_path, site.base)
    assert (crawled.line.outcome, crawled.line.snapshot) == ("incomplete", None)
    assert "no way to posts of WordPress is open: REST API: " in crawled.reasons
    assert "; feed: " in crawled.reasons
    assert "; themed pages: " in crawled.reasons
    assert asked(site) == ["poll", "/", "/feed/"]


def test_nothing_is_asked_of_what_is_no_site() -> None:
    for base in ("ftp://example.org/", "https://example.org/?p=1", "https://example.org/#posts", "10.0.0.1"):
        with pytest.raises(UsageError, match="base"):
            PostsSpider.check_arguments({"base": base})
    with pytest.raises(UsageError, match="mode"):
        PostsSpider.check_arguments({"mode": "fast"})
    PostsSpider.check_arguments({})
    assert PostsSpider.usual_base() == "https://perusupportgroup.org.uk/"
