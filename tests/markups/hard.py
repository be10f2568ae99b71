"""Small pages with one trap each, written by hand, beside what a careful person reads on them."""

from typing import NamedTuple

from .blocks import Block

_NEWS = "http://perusupportgroup.org.uk/news.php?position=20"
_ARTICLES = "http://perusupportgroup.org.uk/articles.php?position=700"
_HOME = "http://perusupportgroup.org.uk/"
_SITE = "http://perusupportgroup.org.uk/"


class HardCase(NamedTuple):
    """One page and what it must give."""

    name: str
    html: bytes
    page_url: str
    expected: list[Block]
    """In page order, ``href`` canonical. Empty: no layout may recognise the page."""
    problem: str | None
    """What one problem of the page must say, in lower case; None: the page has no problem."""


def hard_cases() -> list[HardCase]:
    """Return all of them, in the same order always; names differ."""
    cases = (
        _undated_between_dated,
        _titles_that_begin_with_dates_and_numbers,
        _summaries_that_begin_with_dates,
        _event_notice,
        _entries_without_summary,
        _equal_titles,
        _caption_is_the_first_word,
        _list_in_a_summary,
        _external_link_as_title,
        _only_a_read_more_link,
        _base_address,
        _one_entry,
        _not_found,
        _log_in,
        _about,
        _date_without_title,
        _block_quote,
        _entities,
        _title_in_two_lines,
        _undeclared_1252,
        _pager_in_the_list,
        _bold_line_in_the_text,
        _hidden_in_source,
    )
    return [case() for case in cases]


def _page(main: str, head: str = '<meta charset="utf-8">') -> bytes:
    return (
        f"<!DOCTYPE html><html><head>{head}<title>Peru Support Group</title></head><body>"
        '<ul id="menu"><li><a href="/">Home</a></li><li><a href="news.php">News</a></li>'
        '<li><a href="articles.php">Articles</a></li></ul>'
        f"{main}"
        '<div id="foot"><p>© Peru Support Group. Registered charity.</p></div></body></html>'
    ).encode()


def _case(name: str, main: str, blocks: list[Block], page_url: str = _NEWS) -> HardCase:
    return HardCase(name, _page(main), page_url, blocks, None)


def _news(title: str, summary: str, dateline: str | None, number: int | None, caption: str | None = None) -> Block:
    href = f"{_SITE}news-article-{number}.html" if number else None
    return Block("entry", title, summary, dateline, href, caption)


def _undated_between_dated() -> HardCase:
    main = """
<ul>
<li><h3><a href="article-64.html">Twisting in the wind</a></h3><p>Update 102. 29 February 2004</p>
<p>Five new cabinets in two and a half years.</p></li>
<li><h3><a href="article-63.html">Open University</a></h3>
<p>A course on development management with a case study on Peru.</p></li>
<li><h3><a href="article-62.html">Doe Run asks for more time</a></h3><p>102. 29 February 2004</p>
<p>La Oroya is a mining town some 3,700 metres above sea level.</p></li>
</ul>"""
    rows: list[tuple[str, str, str | None, int]] = [
        ("Twisting in the wind", "Five new cabinets in two and a half years.", "Update 102. 29 February 2004", 64),
        ("Open University", "A course on development management with a case study on Peru.", None, 63),
        (
            "Doe Run asks for more time",
            "La Oroya is a mining town some 3,700 metres above sea level.",
            "102. 29 February 2004",
            62,
        ),
    ]
    blocks = [
        Block("entry", title, summary, dateline, f"{_SITE}article-{number}.html", section="articles")
        for title, summary, dateline, number in rows
    ]
    return _case("undated-between-dated", main, blocks, _ARTICLES)


def _titles_that_begin_with_dates_and_numbers() -> HardCase:
    main = """
<div><p class="d">18 June 2017</p><h3><a href="news-article-1301.html">Wednesday 21 June: vigil at the embassy</a></h3>
<p>Bring a candle and a friend.</p></div>
<div><p class="d">11 June 2017</p><h3><a href="news-article-1300.html">69 Congresspersons vote for censure</a></h3>
<p>The motion passed on Thursday.</p></div>
<div><p class="d">31 July 2011</p>
<h3><a href="news-article-800.html">28 July 2011: a new president takes office</a></h3>
<p>Ollanta Humala swore on the constitution of 1979.</p></div>"""
    return _case(
        "titles-that-begin-with-dates",
        main,
        [
            _news("Wednesday 21 June: vigil at the embassy", "Bring a candle and a friend.", "18 June 2017", 1301),
            _news("69 Congresspersons vote for censure", "The motion passed on Thursday.", "11 June 2017", 1300),
            _news(
                "28 July 2011: a new president takes office",
                "Ollanta Humala swore on the constitution of 1979.",
                "31 July 2011",
                800,
            ),
        ],
    )


def _summaries_that_begin_with_dates() -> HardCase:
    main = """
<ul>
<li><h3>Event: Mining in the Andes</h3><p>31 December 1969</p>
<p>4 March 2013, London</p><p>A one-day conference on strategies for economies that live by mining.</p></li>
<li><h3>Elections: the count</h3><p>16 April 2016</p>
<p>10 April saw the first round of voting for president and congress.</p></li>
<li><h3>Save the date</h3><p>23 September 2018</p>
<p><strong>15 December 2018</strong></p><p>The conference will be held in London.</p></li>
</ul>"""
    return _case(
        "summaries-that-begin-with-dates",
        main,
        [
            _news(
                "Event: Mining in the Andes",
                "4 March 2013, London\n\nA one-day conference on strategies for economies that live by mining.",
                "31 December 1969",
                None,
            ),
            _news(
                "Elections: the count",
                "10 April saw the first round of voting for president and congress.",
                "16 April 2016",
                None,
            ),
            _news(
                "Save the date",
                "15 December 2018\n\nThe conference will be held in London.",
                "23 September 2018",
                None,
            ),
        ],
    )


def _event_notice() -> HardCase:
    main = """
<h2>News</h2><ul>
<li><p>18 February 2017</p><h3><a href="news-article-1250.html">Growth led by mining</a></h3>
<p>The economy grew by 3.9%.</p></li></ul>
<h2>Articles</h2><ul>
<li><p>. 11 February 2017</p><h3><a href="article-1190.html">The ABC of influence</a></h3>
<p>How a builder bent the rules.</p></li></ul>
<h2>Featured Notices</h2><ul>
<li><p>09 September 2016</p><h3>Annual Conference</h3>
<p>“Human Rights under PPK”<br>Held in London<br>5 November 2016<br>11am – 5pm</p></li>
<li><p>31 October 2016</p><h3>Study day</h3>
<p>12 November 2016<br>10am – 1pm</p></li></ul>
<div class="box"><h3>Human Rights</h3><p>Efforts to convict perpetrators have made only limited progress.</p></div>"""

    return _case(
        "event-notice",
        main,
        [
            _news("Growth led by mining", "The economy grew by 3.9%.", "18 February 2017", 1250),
            Block(
                "entry",
                "The ABC of influence",
                "How a builder bent the rules.",
                ". 11 February 2017",
                f"{_SITE}article-1190.html",
                section="articles",
            ),
            Block(
                "notice",
                "Annual Conference",
                "“Human Rights under PPK”\nHeld in London\n5 November 2016\n11am – 5pm",
                "09 September 2016",
                section="notices",
            ),
            Block("notice", "Study day", "12 November 2016\n10am – 1pm", "31 October 2016", section="notices"),
            Block(
                "boilerplate",
                "Human Rights",
                "Efforts to convict perpetrators have made only limited progress.",
                section="boilerplate",
            ),
        ],
        _HOME,
    )


def _entries_without_summary() -> HardCase:
    main = """
<dl><dt><a href="news-article-30.html">Las Bambas: the road is closed</a></dt><dd>3 June2018</dd>
<dd>Communities on the corridor have blocked it again.</dd>
<dt><a href="news-article-29.html">Congress in recess</a></dt><dd>27 May 2018</dd>
<dt><a href="news-article-28.html">Copper price falls</a></dt><dd>20 May 2018</dd><dd>It fell by a tenth in May.</dd>
<dt><a href="news-article-27.html">Conference report</a></dt><dd>13 May 2018</dd><dd></dd></dl>"""
    return _case(
        "entries-without-summary",
        main,
        [
            _news(
                "Las Bambas: the road is closed",
                "Communities on the corridor have blocked it again.",
                "3 June2018",
                30,
            ),
            _news("Congress in recess", "", "27 May 2018", 29),
            _news("Copper price falls", "It fell by a tenth in May.", "20 May 2018", 28),
            _news("Conference report", "", "13 May 2018", 27),
        ],
    )


def _equal_titles() -> HardCase:
    main = """
<div><h3><a href="news-article-41.html">A date for your diary</a></h3><p>16 September 2017</p>
<p>The conference is on 14 October.</p></div>
<div><h3><a href="news-article-40.html">A date for your diary</a></h3><p>16 September 2017</p>
<p>The film evening is on 2 November.</p></div>
<div><h3><a href="news-article-22.html">A date for your diary</a></h3><p>8 May 2016</p>
<p>The conference is on 14 October.</p></div>"""
    title = "A date for your diary"
    return _case(
        "equal-titles",
        main,
        [
            _news(title, "The conference is on 14 October.", "16 September 2017", 41),
            _news(title, "The film evening is on 2 November.", "16 September 2017", 40),
            _news(title, "The conference is on 14 October.", "8 May 2016", 22),
        ],
    )


def _caption_is_the_first_word() -> HardCase:
    main = """
<div class="item"><div class="pic"><img src="f.jpg" alt=""><br><small>Fujimori</small></div>
<h3><a href="news-article-52.html">Fujimori pardon challenged</a></h3><p>7 January 2018</p>
<p>Fujimori left the clinic on Friday.</p></div>
<div class="item"><h3><a href="news-article-51.html">Humala still in prison</a></h3><p>31 December 2017</p>
<p>The court will hear the appeal in March.</p></div>"""
    return _case(
        "caption-is-the-first-word",
        main,
        [
            _news(
                "Fujimori pardon challenged",
                "Fujimori left the clinic on Friday.",
                "7 January 2018",
                52,
                caption="Fujimori",
            ),
            _news("Humala still in prison", "The court will hear the appeal in March.", "31 December 2017", 51),
        ],
    )


def _list_in_a_summary() -> HardCase:
    main = """
<ul class="news">
<li><h3><a href="news-article-62.html">What the report asks for</a></h3><p>4 June 2012</p>
<p>It makes three demands:</p>
<ul><li>clean water</li><li>prior consultation, as <em>Convention 169</em> has it</li><li>a health survey</li></ul>
<p>The ministry has not replied.</p></li>
<li><h3><a href="news-article-61.html">Conga: the march on Lima</a></h3><p>28 May 2012</p>
<p>It left Cajamarca on 1 February.</p></li></ul>"""
    return _case(
        "list-in-a-summary",
        main,
        [
            _news(
                "What the report asks for",
                "It makes three demands:\n\n- clean water\n- prior consultation, as Convention 169 has it\n"
                "- a health survey\n\nThe ministry has not replied.",
                "4 June 2012",
                62,
            ),
            _news("Conga: the march on Lima", "It left Cajamarca on 1 February.", "28 May 2012", 61),
        ],
    )


def _external_link_as_title() -> HardCase:
    main = """
<table><tr><td>10 March 2013</td>
<td><a href="http://www.example.org/reports/peru-2013.html">A report on torture</a><br>It names 40 cases.</td></tr>
<tr><td>3 March 2013</td>
<td><a href="news-article-70.html">Glaciers retreat</a><br>A third has gone since 1970.</td></tr></table>"""
    outside = Block(
        "entry",
        "A report on torture",
        "It names 40 cases.",
        "10 March 2013",
        "http://www.example.org/reports/peru-2013.html",
    )
    return _case(
        "external-link-as-title",
        main,
        [outside, _news("Glaciers retreat", "A third has gone since 1970.", "3 March 2013", 70)],
    )


def _only_a_read_more_link() -> HardCase:
    main = """
<div><h3>Survey on torture</h3><p>8 Dec 2014</p>
<p>The <a href="http://www.example.org/amnesty">survey by Amnesty</a> covers 21 countries.
<a href="news-article-81.html">Read more...</a></p></div>
<div><h3>Elections in Puno</h3><p>29 November 2014</p>
<p>One of the <a href="article-5.html">contests</a> is in the south-east.</p>
<p><a href="news-article-80.html"><img src="more.gif" alt="Read more"></a></p></div>"""
    return _case(
        "only-a-read-more-link",
        main,
        [
            _news("Survey on torture", "The survey by Amnesty covers 21 countries.", "8 Dec 2014", 81),
            _news("Elections in Puno", "One of the contests is in the south-east.", "29 November 2014", 80),
        ],
    )


def _base_address() -> HardCase:
    main = """
<ul><li><h3><a href="news-article-91.html">Strike in Puno</a></h3><p>12 June 2011</p>
<p>It is in its third week.</p></li>
<li><h3><a href="/news-article-90.html">Second round</a></h3><p>5 June 2011</p>
<p>Humala leads the count.</p></li></ul>"""
    html = _page(main, '<meta charset="utf-8"><base href="http://www.perusupportgroup.org.uk/archive/">')
    blocks = [
        Block(
            "entry",
            "Strike in Puno",
            "It is in its third week.",
            "12 June 2011",
            f"{_SITE}archive/news-article-91.html",
        ),
        _news("Second round", "Humala leads the count.", "5 June 2011", 90),
    ]
    return HardCase("base-address", html, _NEWS, blocks, None)


def _one_entry() -> HardCase:
    main = """
<div id="content"><h2><a href="article-1.html">The first issue</a></h2><p>Update 1. April 1984</p>
<p>With this issue the Update begins.</p></div>
<div id="side"><div><h3>PSG Aims</h3><p>The group exists to promote social inclusion in Peru.</p></div>
<div><h3>Historical Overview</h3><p>Over the past century Peru has suffered autocratic governments.</p></div>
<div><h3>Why join the PSG?</h3><ul><li>Keep up to date</li><li>Support our work</li></ul>
<p><a href="join.php">Become a member</a></p></div></div>"""

    def standing(title: str, summary: str) -> Block:
        return Block("boilerplate", title, summary, section="boilerplate")

    return _case(
        "one-entry",
        main,
        [
            Block(
                "entry",
                "The first issue",
                "With this issue the Update begins.",
                "Update 1. April 1984",
                f"{_SITE}article-1.html",
                section="articles",
            ),
            standing("PSG Aims", "The group exists to promote social inclusion in Peru."),
            standing("Historical Overview", "Over the past century Peru has suffered autocratic governments."),
            standing("Why join the PSG?", "- Keep up to date\n- Support our work\n\nBecome a member"),
        ],
        "http://perusupportgroup.org.uk/articles.php?position=720",
    )


def _not_found() -> HardCase:
    main = "<h1>Page not found</h1><p>The page that you asked for has moved or never was. Try the menu above.</p>"
    return _case("not-found", main, [])


def _log_in() -> HardCase:
    main = """<h1>Log in</h1><form action="login.php" method="post"><p>Please log in to see this page.</p>
<p>E-mail address <input name="user"></p><p>Password <input type="password" name="word"></p>
<input type="submit" value="Log in"></form>"""
    return _case("log-in", main, [])


def _about() -> HardCase:
    main = """
<h1>About us</h1><p>The Peru Support Group was founded in 1983 to defend human rights in Peru.</p>
<h2>Our work</h2><p>We publish the Update six times a year and hold a conference each autumn.</p>
<h2>Our staff</h2><p>The office is open from Tuesday to Thursday.</p>"""
    return _case("about", main, [], "http://perusupportgroup.org.uk/about.php")


def _date_without_title() -> HardCase:
    main = """
<ul><li><h3><a href="news-article-103.html">Chavarry fights back</a></h3><p>23 September 2018</p>
<p>The chief public prosecutor has no intention of going.</p></li>
<li><h3><a href="news-article-102.html"></a></h3><p>16 September 2018</p>
<p>Voices that call for his resignation fall on deaf ears.</p></li>
<li><h3><a href="news-article-101.html">Apurimac women study their rights</a></h3><p>16 September 2018</p>
<p>A further session took place this week.</p></li></ul>"""
    blocks = [
        _news(
            "Chavarry fights back", "The chief public prosecutor has no intention of going.", "23 September 2018", 103
        ),
        _news("Apurimac women study their rights", "A further session took place this week.", "16 September 2018", 101),
    ]
    return HardCase("date-without-title", _page(main), _NEWS, blocks, "title")


def _block_quote() -> HardCase:
    main = """
<div><h3><a href="news-article-112.html">“No means ‘no’”, say farmers</a></h3><p>1 May 2015</p>
<p>Their statement reads:</p><blockquote><p>“We said ‘no’ in 2009.</p><p>We say it again.”</p></blockquote>
<p>The company disagrees.</p></div>
<div><h3><a href="news-article-111.html">Tía María halted</a></h3><p>24 April 2015</p>
<blockquote>Sixty days of strike have passed.</blockquote></div>"""
    return _case(
        "block-quote",
        main,
        [
            _news(
                "“No means ‘no’”, say farmers",
                "Their statement reads:\n\n“We said ‘no’ in 2009.\n\nWe say it again.”\n\nThe company disagrees.",
                "1 May 2015",
                112,
            ),
            _news("Tía María halted", "Sixty days of strike have passed.", "24 April 2015", 111),
        ],
    )


def _entities() -> HardCase:
    # "&#146;" is no character of Unicode's, but every browser shows windows-1252's quote.
    main = """
<p><b><a href="news-article-121.html">Congress &amp; the people&#146;s vote</a></b><br>29&nbsp;September&nbsp;2018</p>
<p>&ldquo;R&amp;D&rdquo; means &lt;nothing&gt; here &ndash; says Mar&iacute;a&nbsp;&nbsp; Vel&#225;squez.</p>
<p><b><a href="news-article-120.html">Caf&eacute; prices&#133;</a></b><br>22 September 2018</p>
<p>They fell by 5&nbsp;%.</p>"""
    return _case(
        "entities",
        main,
        [
            _news(
                "Congress & the people’s vote",
                "“R&D” means <nothing> here – says María Velásquez.",
                "29 September 2018",
                121,
            ),
            _news("Café prices…", "They fell by 5 %.", "22 September 2018", 120),
        ],
    )


def _title_in_two_lines() -> HardCase:
    main = """
<ul><li><h3><a href="news-article-131.html">Peru Support Group<br>Annual Conference</a></h3><p>23 September 2018</p>
<p>The state of human rights in Peru</p></li>
<li><h3><a href="news-article-130.html">Lower copper prices</a></h3><p>23 September 2018</p>
<p>The price falls.</p></li></ul>"""
    return _case(
        "title-in-two-lines",
        main,
        [
            _news(
                "Peru Support Group Annual Conference", "The state of human rights in Peru", "23 September 2018", 131
            ),
            _news("Lower copper prices", "The price falls.", "23 September 2018", 130),
        ],
    )


def _undeclared_1252() -> HardCase:
    page = """<Html><HEAD><Title>Peru Support Group</tItLe></head><Body BGCOLOR=white>
<uL><Li><H3><A hReF=news-article-141.html>García’s cabinet</a></H3><P>14 July 2010<p>“Señor” Simon has gone – again
<LI><h3><A HREF='news-article-140.html'>Ley N° 29785</A></h3><P>7 July 2010<P>The €20m road.</Ul></BODY>"""
    blocks = [
        _news("García’s cabinet", "“Señor” Simon has gone – again", "14 July 2010", 141),
        _news("Ley N° 29785", "The €20m road.", "7 July 2010", 140),
    ]
    return HardCase("undeclared-1252", page.encode("cp1252"), _NEWS, blocks, None)


def _pager_in_the_list() -> HardCase:
    main = """
<ul><li><h3><a href="news-article-151.html">Kenji throws down the gauntlet</a></h3><p>16 September 2017</p>
<p>One member of the bloc voted against.</p></li>
<li><h3><a href="news-article-150.html">Block 192</a></h3><p>9 September 2017</p><p>The deadline has passed.</p></li>
<li class="p"><a href="?position=10">&laquo; Previous page</a> <a href="?position=0">1</a> <a href="?position=10">2</a>
<b>3</b> <a href="?position=30">4</a> <a href="?position=30">Next page &raquo;</a></li></ul>
<p><a href="news.php">All news</a> | <a href="#top">Back to top</a></p>"""
    return _case(
        "pager-in-the-list",
        main,
        [
            _news("Kenji throws down the gauntlet", "One member of the bloc voted against.", "16 September 2017", 151),
            _news("Block 192", "The deadline has passed.", "9 September 2017", 150),
        ],
    )


def _bold_line_in_the_text() -> HardCase:
    main = """
<ul><li><h3><a href="article-161.html">The new need for roads</a></h3><p>Update 140. June / July 2010</p>
<p>(John Crabtree is a member of the group.)</p><p><b>Background</b></p><p>The first road opened in 2010.</p>
<p>--- End of part one</p></li>
<li><h3><a href="article-160.html">May Day</a></h3><p>UPDATE 133. May / April 2009</p>
<p>Unions marched.</p></li></ul>"""
    return _case(
        "bold-line-in-the-text",
        main,
        [
            Block(
                "entry",
                "The new need for roads",
                "(John Crabtree is a member of the group.)\n\nBackground\n\nThe first road opened in 2010.\n\n"
                "--- End of part one",
                "Update 140. June / July 2010",
                f"{_SITE}article-161.html",
                section="articles",
            ),
            Block(
                "entry",
                "May Day",
                "Unions marched.",
                "UPDATE 133. May / April 2009",
                f"{_SITE}article-160.html",
                section="articles",
            ),
        ],
        _ARTICLES,
    )


def _hidden_in_source() -> HardCase:
    main = """
<!-- <li><h3><a href="news-article-9.html">Withdrawn</a></h3><p>1 May 2013</p><p>Never shown.</p></li> -->
<ul><li><h3><a href="news-article-171.html">Water in
   Espinar</a></h3><p>8<!-- day --> May 2013</p><script>document.write("<p>1 May 2013<\\/p>")</script>
<p>Xstrata has <style>.x { color: red }</style>answered.</p></li>
<li><h3><a href="news-article-170.html">Rain</a></h3><p>1&#32;May 2013</p><noscript><img src="c.gif" alt=""></noscript>
<p>It rained.</p></li></ul>"""
    return _case(
        "hidden-in-source",
        main,
        [
            _news("Water in Espinar", "Xstrata has answered.", "8 May 2013", 171),
            _news("Rain", "It rained.", "1 May 2013", 170),
        ],
    )
