"""HTML pages: single rules of reading, each on the smallest page that shows it."""

import pytest

from psgcrawl import layouts
from psgcrawl.layouts import parts
from psgcrawl.records import Entry, Page
from tests.layouts.making import HOME, brief, html, item, observed

OTHER = '<li><h3><a href="news-article-6.html">Copper</a></h3><p>1 May 2013</p><p>The price of copper fell.</p></li>'
COPPER = ("entry", "Copper", "1 May 2013", "The price of copper fell.")


def listed(*items: str, around: str = "{}", head: str = "") -> Page:
    return observed(html(around.format(f"<ul>{''.join(items)}{OTHER}</ul>"), head))


def only(*items: str, around: str = "{}", head: str = "") -> Entry:
    page = listed(*items, around=around, head=head)
    assert page.problems == ()
    assert [brief(entry) for entry in page.entries[1:]] == [COPPER]
    return page.entries[0]


@pytest.mark.parametrize(
    ("printed", "summary"),
    [
        pytest.param("<p>One.</p><p>Two.</p>", "One.\n\nTwo.", id="paragraphs"),
        pytest.param("<div>One.</div><div>Two.</div>", "One.\n\nTwo.", id="divisions"),
        pytest.param("One.<br>Two.", "One.\nTwo.", id="break"),
        pytest.param("One.<br> <br/>Two.", "One.\n\nTwo.", id="two-breaks"),
        pytest.param(
            "<p>One <b>bold</b>, <i>slanted</i> and <a href=x>linked</a>.</p>", "One bold, slanted and linked."
        ),
        pytest.param("<p>One\n   line</p>", "One line", id="source-lines"),
        pytest.param("<p>One</p><ul><li>a<li>b</ul><p>Two</p>", "One\n\n- a\n- b\n\nTwo", id="list"),
        pytest.param("<ul><li><p>a</p><p>more</p></li><li>b</li></ul>", "- a\nmore\n- b", id="list-of-paragraphs"),
        pytest.param("<ul><li>a</li></ul><ol><li>b</li></ol>", "- a\n\n- b", id="two-lists"),
        pytest.param("<p>One</p><p>&nbsp;</p><p></p><p>Two</p>", "One\n\nTwo", id="empty-paragraphs"),
        pytest.param("<p>One.</p><blockquote>Two.</blockquote>", "One.\n\nTwo.", id="quotation"),
        pytest.param("<p>One <script>x</script><style>y</style><!-- z -->two</p>", "One two", id="unseen"),
        pytest.param("<p>One <select><option>x</select><textarea>y</textarea>two</p>", "One two", id="fields"),
        pytest.param("<p>Rain. <a href='news-article-7.html'>Read more</a></p>", "Rain.", id="read-more"),
        pytest.param(
            "<p>Rain. [<a href='news-article-7.html'>Read more...</a>]</p>", "Rain. [Read more...]", id="brackets"
        ),
        pytest.param("<p>Rain. (<a href='news-article-7.html'>more</a></p>", "Rain.", id="open-bracket"),
        pytest.param("<p>Rain.</p><p><a href='news-article-7.html'>Full story</a></p>", "Rain.", id="full-story"),
        pytest.param(
            "<p>Rain.</p><p><a href='#top'>Back to top</a> | <a href='p.php'>Print</a></p>", "Rain.", id="tools"
        ),
        pytest.param(
            "<p>Read <a href='x.php'>Read more on torture</a></p>", "Read Read more on torture", id="a-real-link"
        ),
        pytest.param(
            "<p>Rain.</p><p>4 May 2013, London</p>", "Rain.\n\n4 May 2013, London", id="text-that-begins-with-a-date"
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_running_text_is_read_as_it_is_seen(printed: str, summary: str) -> None:
    assert only(item(summary=printed)).summary == summary


@pytest.mark.parametrize(
    ("picture", "caption"),
    [
        pytest.param("<img src=a alt='Lima'>", "Lima", id="alternative-text"),
        pytest.param("<img src=a alt=''>", None, id="no-words"),
        pytest.param("<img src=a alt='Lima' width=8>", None, id="a-line-or-dot"),
        pytest.param("<img src=a alt='Lima' height='1px'>", None, id="a-pixel"),
        pytest.param("<img src=a alt='Lima' width=9 height=9>", "Lima", id="just-large-enough"),
        pytest.param("<img src=a alt='Lima' width=100%>", "Lima", id="width-in-words"),
        pytest.param("<img src=a alt='Read more'>", None, id="icon"),
        pytest.param("<figure><img src=a><figcaption>Lima</figcaption></figure>", "Lima", id="figure"),
        pytest.param("<figure><img src=a alt='Lima'><figcaption>Lima</figcaption></figure>", "Lima", id="said-twice"),
        pytest.param("<div><img src=a><br><small>Lima</small></div>", "Lima", id="small-print"),
        pytest.param("<div><img src=a><p>Lima</p></div>", "Lima", id="alone-with-it"),
        pytest.param("<img src=a><div class='photo-Caption'>Lima</div>", "Lima", id="called-caption"),
        pytest.param("<img src=a><p><span class=caption>Lima</span></p>", "Lima", id="called-caption-inside"),
        pytest.param("<img src=a alt=''><img src=b alt='Cusco'>", "Cusco", id="second-picture"),
    ],
)
@pytest.mark.parametrize("place", ["before-title", "after-dateline"])
def test_a_caption_is_told_from_the_text_in_any_place(picture: str, caption: str | None, place: str) -> None:
    title, dateline = '<h3><a href="news-article-7.html">Water</a></h3>', "<p>3 May 2013</p>"
    top = picture + title + dateline if place == "before-title" else title + dateline + picture
    entry = only(f"<li>{top}<p>It rained in Lima.</p></li>")
    assert (entry.title, entry.summary, entry.caption) == ("Water", "It rained in Lima.", caption)


def test_what_is_all_the_text_of_an_entry_is_no_caption() -> None:
    entry = only(item(summary="<div><img src=a><p>Lima</p></div>"))
    assert (entry.summary, entry.caption) == ("Lima", None)


@pytest.mark.parametrize(
    ("printed", "url"),
    [
        ('<h3><a href="news-article-8.html">Water</a></h3><p>3 May 2013</p><p>Rain.</p>', "news-article-8.html"),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain.</p><a href="news-article-8.html">More »</a>', "news-article-8.html"),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain. <a href="x.php">more</a></p>', "x.php"),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain <a href="news-article-8.html">fell</a>.</p>', "news-article-8.html"),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain <a href="x.php">fell</a>.</p>', None),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain.</p><p><a href="x.php">Print this page</a></p>', None),
        ('<h3><a href="#w">Water</a></h3><p>3 May 2013</p><p>Rain. <a href="x.php">more</a></p>', "x.php"),
        ('<h3><a href="javascript:go(1)">Water</a></h3><p>3 May 2013</p><p>Rain.</p>', None),
        ('<h3>Water</h3><p>3 May 2013</p><p>Rain.</p><a href="x.php"><img src=m alt="Read more"></a>', "x.php"),
        ('<h3><a href="http://[">Water</a></h3><p>3 May 2013</p><p>Rain.</p>', None),
    ],
)
def test_the_link_of_an_entry_is_its_title_s_or_the_one_that_leads_on(printed: str, url: str | None) -> None:
    assert only(f"<li>{printed}</li>").url == (f"http://perusupportgroup.org.uk/{url}" if url else None)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://perusupportgroup.org.uk/old/", "http://perusupportgroup.org.uk/old/news-article-7.html"),
        ("/old/", "http://perusupportgroup.org.uk/old/news-article-7.html"),
        ("http://[", "http://perusupportgroup.org.uk/news-article-7.html"),
        ("", "http://perusupportgroup.org.uk/news-article-7.html"),
    ],
)
def test_links_are_completed_by_the_base_of_the_page(base: str, address: str) -> None:
    assert listed(item(), head=f'<base href="{base}">').entries[0].url == address


def test_a_link_that_cannot_be_joined_to_the_base_gives_no_address() -> None:
    page = listed(
        '<li><h3>Water</h3><p>3 May 2013</p><p>Rain. <a href="http://[::1">more</a></p></li>', head="<base href=/old/>"
    )
    assert page.entries[0].url is None


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("<a href='?position=30'>Next</a>", "?position=30"),
        ("<a href='?position=30'>NEXT page &gt;</a>", "?position=30"),
        ("<a href='?position=30'><b>Older</b> entries</a>", "?position=30"),
        ("<a href='?position=30'>siguiente</a>", "?position=30"),
        ("<a href='?position=30'>Página siguiente »</a>", "?position=30"),
        ("<a href='?position=30'> » </a>", "?position=30"),
        ("<a href='?position=30'>→</a>", "?position=30"),
        ("<a href='?position=30' rel='nofollow NEXT'>4</a>", "?position=30"),
        ("<a href='?position=10'>Next</a><a href='?position=30' rel=next>4</a>", "?position=30"),
        ("<noscript><p><a href='?position=30'>Next</a></p></noscript>", "?position=30"),
        ("<a href='?position=30'>Next</a><noscript><a href='?position=10'>Next</a></noscript>", "?position=30"),
        ("<a href='?position=10'>Next</a><link rel=next href='?position=30'>", "?position=30"),
        ("<a href='?position=30' rel=next>4</a><link rel=next href='?position=10'>", "?position=30"),
        ("<a href=''>Next</a><a href='?position=30'>Next</a>", "?position=30"),
        ("<a href='?position=30'>Next week in Lima</a>", None),
        ("<a href='?position=10'>«</a><a href='?position=10'>Previous</a>", None),
        ("<a name=next>Next</a><a rel=next>Next</a>", None),
        ("<p>Next</p>", None),
        ("", None),
    ],
)
def test_the_link_to_the_next_page_is_told_by_its_relation_or_its_word(link: str, href: str | None) -> None:
    reading = layouts.read(html(f"<ul>{item()}{OTHER}</ul><p>{link}</p>"), media_type="text/html")
    assert reading.next_href == href
    assert len(reading.entries) == 2


def test_the_next_page_may_be_named_in_the_head_and_goes_by_the_base() -> None:
    head = "<link rel=stylesheet href=a.css><base href='http://example.org/x/'><link rel=next href='?position=30'>"
    assert (
        layouts.read(html(f"<ul>{item()}</ul>", head), media_type="text/html").next_href
        == "http://example.org/x/?position=30"
    )
    page = html("<p>Nothing here.</p><a href='?position=30'>Next</a>", "<base href=/x/>")
    assert layouts.read(page, media_type="text/html").next_href == "/x/?position=30"


@pytest.mark.parametrize("tag", ["nav", "form", "footer", "header", "div role=navigation", "div role=search"])
def test_menus_forms_page_headers_and_footers_are_nothing(tag: str) -> None:
    block = "<h3>Join the group</h3><p>Members get the newsletter by post four times a year.</p>"
    name = tag.split(maxsplit=1)[0]
    assert only(item(), around=f"<{tag}>{block}</{name}>{{}}").title == "Water"
    assert [entry.kind for entry in listed(item(), around="{}<div>" + block + "</div>").entries] == [
        "entry",
        "entry",
        "boilerplate",
    ]


def test_a_form_around_the_whole_list_hides_nothing() -> None:
    assert only(item(), around="<form action=x>{}</form>").title == "Water"


@pytest.mark.parametrize(
    ("block", "title", "summary"),
    [
        ("<h3>Join</h3><p>Yes!</p>", "Join", "Yes!"),
        (
            "<h3>Join</h3><p>A long line of running text without an end</p>",
            "Join",
            "A long line of running text without an end",
        ),
        ("<h3>Join</h3><ul><li>one</li><li>two</li></ul>", "Join", "- one\n- two"),
        ("<p><b>Join</b><br>Members get the newsletter.</p>", "Join", "Members get the newsletter."),
        ("<h3><a href=join.php>Join</a></h3><p>Members vote.</p>", "Join", "Members vote."),
        ("<h3>Join</h3><p>Members vote.</p><img src=a alt=Logo><p>© Peru Support Group</p>", "Join", "Members vote."),
    ],
)
def test_a_heading_with_running_text_beside_the_list_is_boilerplate(block: str, title: str, summary: str) -> None:
    page = listed(item(), around=f"{{}}<div>{block}</div>")
    assert page.problems == ()
    assert [brief(entry) for entry in page.entries[2:]] == [("boilerplate", title, None, summary)]


@pytest.mark.parametrize(
    "block",
    [
        "<h3>Join</h3>",
        "<h3>Join</h3><p>now</p>",
        "<p>Members get the newsletter by post four times a year.</p>",
        "<h3>Join</h3><p><a href=a>One link that is long enough to be running text</a></p>",
        "<h1><a href='/'>Peru Support Group</a></h1><p>Working for the human rights of all Peruvians.</p>",
        "<h3>Pages</h3><p>Page 1 2 3 next</p>",
        "<p>1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20</p>",
    ],
)
def test_what_has_no_heading_or_no_running_text_is_nothing(block: str) -> None:
    assert only(item(), around=f"{{}}<div>{block}</div>").title == "Water"


def test_sections_of_the_home_page_reach_to_the_next_heading() -> None:
    def section(name: str, number: int) -> str:
        entry = f'<h3><a href="n.php?id={number}">Title {number}</a></h3><p>{number} May 2013</p><p>Text {number}.</p>'
        return f"<h2>{name}</h2><ul><li>{entry}</li></ul>"

    page = observed(
        html(section("Latest Articles", 4) + section("News:", 3) + section("Featured notices", 2)), url=HOME
    )
    assert page.lists == ("articles", "news", "notices")
    assert [entry.kind for entry in page.entries] == ["entry", "entry", "notice"]
    assert page.problems == ()


def test_datelines_without_an_entry_are_problems_of_which_twenty_are_listed() -> None:
    def page(count: int) -> Page:
        adrift = "".join(f"<p>text</p><p>text</p><p>{n} May 2012</p>" for n in range(1, count + 1))
        return listed(item(), around=f"{{}}<div>{adrift}</div>")

    assert [brief(entry)[1] for entry in page(2).entries[:2]] == ["Water", "Copper"]
    assert page(2).problems == ("stray date: 2 apart from the entries, the first '1 May 2012'",)


def test_a_caption_without_a_picture_may_stand_before_and_after_the_title() -> None:
    def entries(above: str, below: str) -> list[tuple[str, str | None, str]]:
        titles = ("Water", "Copper", "Wool")
        page = observed(
            html(
                "<ul>"
                + "".join(
                    f"<li>{above}<h3><a href='news-article-{n}.html'>{title}</a></h3>{below}"
                    f"<p>{n} May 2013</p><p>It rained all day.</p></li>"
                    for n, title in enumerate(titles, 1)
                )
                + "</ul>"
            )
        )
        assert page.problems == ()
        return [(entry.title, entry.caption, entry.summary) for entry in page.entries]

    expected = [(title, "Miners on the march", "It rained all day.") for title in ("Water", "Copper", "Wool")]
    assert entries("<p>Miners on the march</p>", "") == expected
    assert entries("", "<p>Miners on the march</p>") == expected


def test_a_title_can_be_a_date() -> None:
    page = observed(html("<ul><li><h3>27 February 2010</h3><p>3 May 2013</p><p>It rained.</p></li></ul>"))
    assert [(entry.title, entry.date_edtf) for entry in page.entries] == [("27 February 2010", "2013-05-03")]


def test_a_link_to_the_whole_list_is_no_entrys_own() -> None:
    page = observed(
        html(
            "<div><div><b>Water</b><p>3 May 2013</p><p>It rained.</p></div><p><a href='news.php'>All news</a></p></div>"
        )
    )
    assert [entry.url for entry in page.entries] == [None]


def test_links_to_detail_pages_apart_from_the_entries_are_told() -> None:
    page = observed(html(f"<ul>{item() * 2}</ul><h4><a href='news-article-9.html'>Left alone</a></h4>"))
    assert len(page.entries) == 2
    assert page.problems == ("stray link: 1 to detail pages apart from the entries, the first 'Left alone'",)


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        (f"<html><body><ul>{item()}", True),
        (f"<BODY><ul>{item()}", True),
        (f"<html><body><ul>{item()}</ul></body>", False),
        (f"<HTML><ul>{item()}</ul></HTML >", False),
        (f"<ul>{item()}</ul>", False),
    ],
)
def test_a_page_that_never_ends_may_have_been_cut(body: str, cut: bool) -> None:
    problems = observed(body.encode()).problems
    assert any(problem.startswith("truncation: ") for problem in problems) is cut


@pytest.mark.parametrize("tag", ["caption", "dt"])
def test_terms_and_captions_of_tables_are_titles(tag: str) -> None:
    entry = f"<{tag}>Water</{tag}>"
    body = (
        f"<dl>{entry}<dd>3 May 2013</dd><dd>It rained.</dd></dl>"
        if tag == "dt"
        else f"<table>{entry}<tr><td>3 May 2013</td></tr><tr><td>It rained.</td></tr></table>"
    )
    assert [brief(found) for found in observed(html(body)).entries] == [("entry", "Water", "3 May 2013", "It rained.")]


def test_a_page_of_frames_is_no_listing() -> None:
    page = observed(b"<html><frameset><frame src=a><noframes>3 May 2013<br>Water</noframes></frameset></html>")
    assert page.layout is None or page.entries


@pytest.mark.parametrize(
    ("line", "judged"),
    [
        ("1 2 3", True),
        ("Page 3 of 9", True),
        ("Next >", True),
        ("Page", False),
        ("Page nine", False),
        ("2013 elections", False),
    ],
)
def test_a_pager_is_told_from_a_title(line: str, judged: bool) -> None:
    assert parts.is_pager(line) is judged


@pytest.mark.parametrize(
    "line",
    [
        "1 2 3",
        "Next >",
        "Page",
        "²",
        "Read more",
        "Read more on torture",
        "»",
        "",
        "Water",
        "Print",
        "All news",
        "News " * 40,
    ],
)
def test_a_line_tells_nothing_if_it_says_that_there_is_more_or_is_a_pager(line: str) -> None:
    assert parts.tells_nothing(line) == (parts.says_more(line) or parts.is_pager(line))


@pytest.mark.parametrize(
    ("line", "judged"),
    [
        ("© 2018 Peru Support Group", True),
        ("COPYRIGHT 2004", True),
        ("Registered Charity no. 1", True),
        ("Charities register", False),
        ("© " + "x" * 238, True),
        ("© " + "x" * 239, False),
    ],
)
def test_a_footer_is_told_from_running_text(line: str, judged: bool) -> None:
    assert parts.is_footer(line) is judged


def test_a_line_too_long_for_a_dateline_is_not_even_tried() -> None:
    assert parts.read_dateline("3 May 2013") is not None
    assert parts.read_dateline("3 May" + " " * 72 + "2013") is None
    assert parts.read_dateline("May") is None


def test_a_date_at_the_start_of_the_text_is_a_dateline_only_where_it_is_set_off_and_the_entry_has_none() -> None:
    before = "<li><p>3 May 2013</p><h3>Water</h3><p>4 May 2013 <i>The Guardian</i> told of it.</p></li>"
    page = observed(html(f"<ul>{before}{before.replace('3 May', '1 May')}</ul>"))
    assert [entry.dateline for entry in page.entries] == ["3 May 2013", "1 May 2013"]
    assert {entry.summary for entry in page.entries} == {"4 May 2013 The Guardian told of it."}
    loose = "<li><h3>Rain</h3><p>4 May 2013 <i>The Guardian</i> told of it.</p></li>"
    assert brief(listed(item(), loose).entries[1]) == ("entry", "Rain", None, "4 May 2013 The Guardian told of it.")
    set_off = loose.replace("4 May 2013", "<b>4 May 2013</b>")
    assert brief(only(set_off)) == ("entry", "Rain", "4 May 2013", "The Guardian told of it.")


def test_of_dates_at_the_start_of_two_paragraphs_the_first_is_the_dateline() -> None:
    entry = only("<li><h3>Rain</h3><p><i>4 May 2013</i> Lima.</p><p><i>2 May 2012</i> saw the first.</p></li>")
    assert brief(entry) == ("entry", "Rain", "4 May 2013", "Lima.\n\n2 May 2012 saw the first.")


def test_a_title_may_stand_in_two_lines_below_its_dateline() -> None:
    two = "<li><p>3 May 2013</p><h3><a href=news-article-7.html>Water<br>in Espinar</a></h3><p>It rained.</p></li>"
    page = observed(html(f"<ul>{two}{two.replace('3 May', '1 May')}</ul>"))
    assert [entry.title for entry in page.entries] == ["Water in Espinar"] * 2
    assert [entry.summary for entry in page.entries] == ["It rained."] * 2


def test_a_paragraph_beside_a_picture_and_another_paragraph_is_no_caption() -> None:
    entry = only(item(summary="<div><img src=a><p>First.</p><p>Second.</p></div>"))
    assert (entry.summary, entry.caption) == ("First.\n\nSecond.", None)


def test_a_footer_below_a_flat_list_is_no_part_of_its_last_entry() -> None:
    flat = "<h3>Water</h3><p>3 May 2013</p><p>It rained.</p><h3>Copper</h3><p>1 May 2013</p><p>It fell.</p>"
    page = observed(html(f"<div>{flat}<p>© 2013 Peru Support Group</p></div>"))
    assert [entry.summary for entry in page.entries] == ["It rained.", "It fell."]
