"""WordPress's themes: single rules of reading, each on the smallest page that shows it."""

import time
from collections.abc import Callable

import pytest

from psgcrawl import layouts
from psgcrawl.layouts.html.tree import parse_plain
from psgcrawl.layouts.wordpress import theme
from psgcrawl.records import Entry, Page
from tests.layouts.making import html, observed
from tests.markups import CAPTURES, CHROMES, MARKUPS, HardCase, blocks_of, hard_cases

HOME = "https://perusupportgroup.org.uk/"
GENERATOR = '<meta name="generator" content="WordPress 5.3">'
CLASSES = "post-254 post type-post status-publish format-standard hentry category-news"
TIME = '<time class="entry-date published updated" datetime="2024-06-14T12:00:00+01:00">14 June 2024</time>'
TITLE = '<h2 class="entry-title"><a href="/2024/06/water/">Water</a></h2>'


def post(inner: str = f"{TITLE}{TIME}<div class='entry-content'><p>It rained.</p></div>", names: str = CLASSES) -> str:
    return f'<article id="post-254" class="{names}">{inner}</article>'


def themed(*posts: str, head: str = "", after: str = "") -> Page:
    return observed(html("".join(posts) + after, head), url=HOME)


def only(inner: str, names: str = CLASSES) -> Entry:
    page = themed(post(inner, names))
    assert page.layout == "wordpress-theme"
    [entry] = page.entries
    return entry


def test_a_post_is_stored_with_all_that_the_page_shows_of_it() -> None:
    page = themed(post())
    [entry] = page.entries
    assert (entry.id, entry.title, entry.summary) == ("post-254", "Water", "It rained.")
    assert entry.url == "https://perusupportgroup.org.uk/2024/06/water/"
    assert (entry.date_edtf, entry.dateline, entry.flags, page.lists) == ("2024-06-14", None, [], ("posts",))
    assert (page.fields, page.problems) == (("summary", "title", "url"), ())


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(f"{TITLE}<div class=entry-summary><p>It rained.</p></div>{TIME}", id="summary"),
        pytest.param(
            f"<h2 class=wp-block-post-title><a href='/2024/06/water/'>Water</a></h2>{TIME}<div class="
            "wp-block-post-excerpt><p class=wp-block-post-excerpt__excerpt>It rained. </p><p class="
            "wp-block-post-excerpt__more-text><a class=wp-block-post-excerpt__more-link href=/x>Explore</a></p></div>",
            id="blocks",
        ),
        pytest.param(
            f"<header>{TITLE}<div class=entry-meta>Posted on {TIME} by <a href=/author/ann/>Ann</a></div></header>"
            "<p>It rained.</p><footer>Posted in <a rel='category tag' href='/c/'>News</a></footer>",
            id="nothing-names-the-text",
        ),
        pytest.param(
            f"<h3><a href='/2024/06/water/'>Water</a></h3><p>Posted on {TIME} by Ann</p><p>It rained. "
            "<a href='/2024/06/water/'>Read more</a></p><p>Filed under: <a rel=category href=/c/>News</a>, "
            "<a rel=tag href=/t/>rain</a></p>",
            id="by-hand",
        ),
        pytest.param(f"<p><a href='/2024/06/water/'>Water</a></p>{TIME}<p>It rained.</p>", id="a-link-for-a-title"),
        pytest.param(f"<a href='/2024/06/water/'><h3>Water</h3></a><span>{TIME}</span><p>It rained.</p>", id="around"),
        pytest.param(
            f"<h3>Water</h3><p>{TIME}</p><p>It rained. <a class=more-link href='/2024/06/water/'>Go</a></p>",
            id="the-link-is-at-the-end",
        ),
        pytest.param(
            "<h3>Water</h3><p>It rained.</p><a rel=bookmark href='/2024/06/water/'><time datetime='2024-06-14'>14 June"
            "</time></a>",
            id="the-date-is-the-link",
        ),
        pytest.param(
            f"<div class=post-content>{TITLE}<p>{TIME}</p><p>It rained.</p></div>", id="the-text-holds-the-title"
        ),
        pytest.param(
            "<div class=builder-post__text><h3 class=builder-post__title><a href='/2024/06/water/'>Water</a></h3>"
            "<div class=builder-post__meta-data><span class=builder-post-date>14 June 2024</span><span class="
            "builder-post-comments>No comments</span></div><div class=builder-post__excerpt><p>It rained.</p></div>"
            "<a class=builder-post__read-more href='/2024/06/water/'>Read more »</a></div>",
            id="a-page-builder",
        ),
        pytest.param(
            "<h2 class=entry-title><a href='/2024/06/water/'>Water</a></h2><p class=post-meta>by <span class=author>Ann"
            "</span> | <span class=published>Jun 14, 2024</span></p><div class=post-content><p>It rained.</p></div>",
            id="a-date-in-words",
        ),
    ],
)
def test_a_post_is_read_in_any_markup(inner: str) -> None:
    entry = only(inner)
    assert (entry.title, entry.summary, entry.date_edtf) == ("Water", "It rained.", "2024-06-14")
    assert entry.url == "https://perusupportgroup.org.uk/2024/06/water/"


@pytest.mark.parametrize(
    "element",
    [
        '<li class="wp-block-post post-254 post type-post status-publish">{}</li>',
        '<div class="hentry post-254">{}</div>',
        '<div id="post-254" class="post">{}</div>',
        '<div id="post-254">{}</div>',
        '<div class="post-254"><article id="post-254" class="post-254 post type-post">{}</article></div>',
        '<article id="post-7" class="post-7 page type-page"><ul><li class="post-254 type-post">{}</li></ul></article>',
    ],
)
def test_the_element_of_a_post_is_told_by_wordpress_own_marks(element: str) -> None:
    page = themed(element.format(f"{TITLE}<p>It rained.</p>"), head=GENERATOR)
    assert [(entry.id, entry.title, entry.summary) for entry in page.entries] == [("post-254", "Water", "It rained.")]


@pytest.mark.parametrize(
    "head",
    [
        GENERATOR,
        '<link rel="https://api.w.org/" href="/wp-json/">',
        '<link rel="stylesheet" href="/wp-content/themes/a/style.css">',
        '<script src="/wp-includes/js/a.js"></script>',
    ],
)
def test_an_id_alone_counts_on_a_page_of_wordpress_only(head: str) -> None:
    body = '<div class="post" id="post-254"><h3>Water</h3><p>3 May 2013</p><p>It rained.</p></div>'
    assert themed(body, head=head).layout == "wordpress-theme"
    upload = '<a href="https://ngo.example/wp-content/uploads/a.pdf">a.pdf</a>'
    assert themed(body, after=upload).layout == "html-dated-blocks"


def test_an_empty_title_is_empty() -> None:
    entry = only(f"<h2 class=entry-title></h2>{TIME}<div class=entry-content><p>It rained.</p></div>")
    assert (entry.title, entry.summary) == ("", "It rained.")


@pytest.mark.parametrize(
    "inner",
    [
        f"<p>It rained, <a href=/report.pdf>says a report</a></p>{TIME}",
        "<p><a href=/report.pdf>A report</a> says that it rained.</p>",
        "<p>It rained.</p><p><a href=/report.pdf>The report</a></p>",
        "<time datetime='2024-06-14'><a href='/2024/06/water/'>14 June 2024</a></time>",
        "<p><a href='/2024/06/water/'>Read more</a></p>",
        "<a rel='category tag' href=/c/>News</a>",
    ],
)
def test_no_link_of_the_text_becomes_a_title(inner: str) -> None:
    assert only(inner).title == ""


def test_what_is_no_post_is_no_entry() -> None:
    others = (
        '<article id="post-7" class="post-7 page type-page">About us</article>'
        '<div id="post-8" class="post-8 attachment type-attachment">A picture</div>'
        "<aside><h2>Recent posts</h2><ul><li><a href='/2024/06/water/'>Water</a></li></ul></aside>"
    )
    assert [entry.id for entry in themed(post(), after=others).entries] == ["post-254"]


@pytest.mark.parametrize("status", ["draft", "private", "future"])
def test_what_is_not_published_never_becomes_an_entry(status: str) -> None:
    page = themed(post(names=f"post-7 type-post status-{status}").replace("post-254", "post-7"), post())
    assert [entry.id for entry in page.entries] == ["post-254"]
    assert page.problems == (f"not public: post 7 has the status '{status}'",)


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        ("<h2>Protected: Water</h2><div class=entry-content><p>secret</p></div>", f"{CLASSES} post-password-required"),
        (
            "<h2>Protected: Water</h2><div class=entry-content><form class=post-password-form>secret</form></div>",
            CLASSES,
        ),
        ("<h2>Protected: Water</h2><p>There is no excerpt because this is a protected post.</p>", CLASSES),
    ],
)
def test_nothing_of_a_protected_post_is_taken_but_its_title(inner: str, names: str) -> None:
    entry = only(inner, names)
    assert (entry.title, entry.summary) == ("Water", "")


@pytest.mark.parametrize(
    ("times", "day", "modified"),
    [
        pytest.param(TIME, "2024-06-14", None, id="one-for-both"),
        pytest.param("<time datetime='2024-07-01T00:30:00+01:00'>1 July</time>", "2024-07-01", None, id="as-printed"),
        pytest.param("<time datetime='2024-06-14'>14 June</time>", "2024-06-14", None, id="a-day"),
        pytest.param("<time>14 June 2024</time>", None, None, id="without-a-machine-date"),
        pytest.param("<time datetime='soon'>soon</time>", None, None, id="no-date"),
        pytest.param("", None, None, id="nothing"),
        pytest.param("<span class=post-date>14 June 2024</span>", "2024-06-14", None, id="in-words"),
        pytest.param("<span class=post-date>June 2024</span>", None, None, id="no-day"),
        pytest.param("<span class=post-date>Yesterday</span>", None, None, id="relative"),
        pytest.param("<span>14 June 2024</span>", None, None, id="of-the-text"),
        pytest.param(
            "<time class=updated datetime='2024-07-01T00:30:00+01:00'>1 July</time>"
            "<time class='entry-date published' datetime='2024-06-14T12:00:00+01:00'>14 June</time>",
            "2024-06-14",
            "2024-06-30T23:30:00Z",
            id="two",
        ),
        pytest.param(
            "<div class='wp-block-post-date wp-block-post-date__modified-date'>"
            "<time datetime='2024-07-01T00:30:00+01:00'></time></div>",
            None,
            "2024-06-30T23:30:00Z",
            id="block",
        ),
        pytest.param("<time class=updated datetime='2024-07-01T00:30:00'>x</time>", None, None, id="no-offset"),
        pytest.param("<time class=updated datetime='0001-01-01T00:00:00+01:00'>x</time>", None, None, id="no-calendar"),
    ],
)
def test_dates_are_the_days_that_the_page_prints(times: str, day: str | None, modified: str | None) -> None:
    page = themed(post(f"{TITLE}<p>{times}</p><div class=entry-content><p>It rained.</p></div>"))
    [entry] = page.entries
    assert (entry.date_edtf, entry.modified) == (day, modified)
    assert ("modified" in page.fields) == (modified is not None)


@pytest.mark.parametrize(
    ("names", "links", "categories"),
    [
        pytest.param(CLASSES, "<a rel='category tag' href=/c/>News</a>", ["News"], id="one"),
        pytest.param(
            f"{CLASSES} category-arts",
            "<a rel='category tag' href=/c/>News</a>, <a rel='category tag' href=/a/>Arts &amp; so</a>",
            ["Arts & so", "News"],
            id="two",
        ),
        pytest.param(
            CLASSES, "<div class='taxonomy-category'><a rel=tag href=/c/>News</a></div>", ["News"], id="block"
        ),
        pytest.param(f"{CLASSES} category-arts", "<a rel='category tag' href=/c/>News</a>", None, id="not-all"),
        pytest.param(CLASSES, "<a rel=tag href=/t/>rain</a>", None, id="tags"),
        pytest.param(CLASSES, "", None, id="classes-alone"),
    ],
)
def test_categories_are_shown_where_links_name_all_of_them(
    names: str, links: str, categories: list[str] | None
) -> None:
    page = themed(post(f"{TITLE}<div class=entry-content><p>It rained.</p></div><p>{links}</p>", names))
    assert page.entries[0].categories == (categories or [])
    assert ("categories" in page.fields) == (categories is not None)


def test_a_field_that_some_post_lacks_is_not_shown_by_the_page() -> None:
    bare = "<article class='post-7 type-post'><h2>Fire</h2><div class=entry-content>Text</div></article>"
    assert themed(post(), bare).fields == ("summary", "title")


def test_the_text_up_to_its_cut_is_the_summary() -> None:
    inner = (
        f"{TITLE}<div class=entry-content><p>It rained.</p><ul><li>much</li><li>long</li></ul><p><a class=more-link "
        "href='/2024/06/water/#more-254'><span>Continue reading <em>Water</em></span></a></p></div>"
    )
    assert only(inner).summary == "It rained.\n\n- much\n- long"


@pytest.mark.parametrize(
    "pager",
    [
        '<link rel="next" href="/page/2/">',
        '<a class="next page-numbers" href="/page/2/">Onwards</a>',
        '<a class="wp-block-query-pagination-next" href="/page/2/">Onwards</a>',
        '<div class="nav-previous"><a href="/page/2/">&laquo; Older posts</a></div>',
        '<a href="/page/2/"><span>&larr;</span> Older Entries</a>',
    ],
)
def test_the_next_page_is_that_of_the_older_posts(pager: str) -> None:
    newer = '<a class="prev page-numbers" href="/">Newer posts</a>'
    assert themed_next(newer + pager) == "/page/2/"
    assert themed_next(newer) is None


def themed_next(pager: str) -> str | None:
    return layouts.read(html(post() + pager), media_type="text/html").next_href


def test_links_are_completed_where_the_page_names_another_base() -> None:
    head = '<base href="http://127.0.0.1:8081/blog/">'
    reading = layouts.read(html(post() + '<a href="page/2/">Older posts</a>', head), media_type="text/html")
    assert reading.next_href == "http://127.0.0.1:8081/blog/page/2/"
    assert reading.entries[0].href == "http://127.0.0.1:8081/2024/06/water/"


def test_a_base_that_is_no_address_is_not_used() -> None:
    reading = layouts.read(html(post(), '<base href="http://[/">'), media_type="text/html")
    assert reading.entries[0].href == "/2024/06/water/"


def test_a_link_around_a_whole_post_is_its_link_and_not_its_title() -> None:
    entry = only(f"<a href='/2024/06/water/'><p>Of water</p><p>{'It rained. ' * 30}</p></a>")
    assert (entry.title, entry.url) == ("", "https://perusupportgroup.org.uk/2024/06/water/")
    assert entry.summary.startswith("Of water\n\nIt rained. It")


def test_the_page_of_one_post_is_no_listing() -> None:
    body = f'<html><body class="post-template-default single single-post postid-254">{post()}</body></html>'.encode()
    reading = layouts.read(body, media_type="text/html")
    assert (reading.layout, reading.entries, reading.problems) == (None, (), ("no listing: the page of one post",))


def test_a_page_of_wordpress_without_posts_is_not_recognised_whatever_dates_are_on_it() -> None:
    page = themed("<ul><li><h3>Water</h3><p>3 May 2013</p><p>It rained.</p></li></ul>", head=GENERATOR)
    assert (page.layout, page.entries) == (None, ())
    assert page.problems == ("no layout recognises the page: WordPress made it, but no post is on it",)


@pytest.mark.parametrize(
    ("running", "summary"),
    [
        ("<p>It <a class=more-link href=/x>Read on</a>&#1; rained.</p>", "It \ufffd rained."),
        ("<p>It&#1; <a class=more-link href=/x>Read on</a> rained.</p>", "It\ufffd rained."),
        ("<p>It <img class=emoji alt='!' src=/e.svg>&#1; rained.</p>", "It !\ufffd rained."),
    ],
)
def test_control_characters_beside_what_is_set_aside_are_seen(running: str, summary: str) -> None:
    entry = only(f"{TITLE}{TIME}<div class='entry-content'>{running}</div>")
    assert (entry.title, entry.summary) == ("Water", summary)
    assert "control-characters" in entry.flags


def test_control_characters_beside_an_authors_name_are_seen() -> None:
    entry = only(f"{TITLE}{TIME}<p>It <span class=author>A.</span>&#1; rained.</p>")
    assert entry.summary == "It \ufffd rained."
    entry = only(f"{TITLE}{TIME}<p>It <img class=emoji alt='&#1;' src=/e.svg> rained.</p>")
    assert entry.summary == "It \ufffd rained."


def test_a_page_that_was_cut_says_so() -> None:
    body = html(post() + post().replace("254", "255")).removesuffix(b"</article></body></html>")
    assert layouts.read(body, media_type="text/html").problems == (
        "truncation: the page never ends: it may have been cut",
    )


@pytest.mark.parametrize("markup", MARKUPS)
def test_no_page_of_the_php_site_is_taken_for_wordpress(markup: str) -> None:
    lines = (CAPTURES / "expected.jsonl").read_text("utf-8").splitlines()
    blocks = blocks_of(lines, "002_4906f47a57b53c3e.txt", links=True)
    body = MARKUPS[markup](blocks, CHROMES["bare"]).decode("latin-1")
    assert theme.read(body) is None
    misleading = body.replace("<body", '<body id="post-7" class="post-7 post"', 1)
    assert theme.read(misleading) is None


@pytest.mark.parametrize(
    ("page", "may_be"),
    [
        ("<div class='post-7 hentry'>x</div>", True),
        ("<div class='a&#32;post&#45;7'>x</div>", True),
        (GENERATOR, True),
        ("<link rel='https://api.w.org/' href=x>", True),
        ("<script src='/wp-includes/a.js'></script>", True),
        ("<link rel=stylesheet href='/a.css'><p class=postage>WordPress, wp-content, post-7</p>", False),
    ],
)
def test_a_page_that_wordpress_cannot_have_made_is_told_by_its_tree(page: str, may_be: bool) -> None:
    assert theme.may_have_made(parse_plain(f"<html><body>{page}</body></html>")) == may_be


@pytest.mark.parametrize("case", hard_cases(), ids=lambda case: case.name)
def test_no_trap_of_the_php_site_is_taken_for_wordpress(case: HardCase) -> None:
    assert theme.read(case.html.decode("latin-1")) is None


MANY: dict[str, Callable[[int], str]] = {
    "posts": lambda n: post() * n,
    "nested-posts": lambda n: f"<div class='{CLASSES}'>" * 900 + post() * n,
    "dates-in-one-line": lambda n: post(f"{TITLE}<p>{TIME * n}</p>"),
    "nested-dates": lambda n: post(f"{TITLE}{'<time>' * 900}{'x' * 100 * n}"),
    "links-in-one-post": lambda n: post("<p><a href=/x>more</a></p>" * n),
    "categories-in-one-post": lambda n: post("<p><a rel=category href=/x>a</a></p>" * n),
    "links-in-deep-phrases": lambda n: post("<b>" * 900 + f"{TIME}<a rel=tag href=/x>a</a>" * n),
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.thorough
def test_the_time_grows_with_the_size_of_the_page(name: str) -> None:
    small, large = 200, 1600

    def seconds(n: int) -> float:
        body = html(MANY[name](n), GENERATOR).decode()
        began = time.process_time()
        assert theme.read(body) is not None
        return time.process_time() - began

    # Eight times the page: quadratic time would be sixty-fourfold.
    assert seconds(large) < 24 * min(seconds(small) for _ in range(2)) + 0.05
