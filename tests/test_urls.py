"""Addresses: written one way only, and what they name."""

import re
from hashlib import sha256
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl import urls
from psgcrawl.urls import ListingPage

NEWS = "http://www.perusupportgroup.org.uk/news.php?position=20"
SITE = "http://perusupportgroup.org.uk"
SECURE = "https://perusupportgroup.org.uk"
MIRROR = "http://127.0.0.1:8000/news.php"


@pytest.mark.parametrize(
    ("href", "base", "address"),
    [
        pytest.param("news-article-1.html", NEWS, f"{SITE}/news-article-1.html", id="relative"),
        pytest.param("/news-article-1.html", NEWS, f"{SITE}/news-article-1.html", id="from-the-root"),
        pytest.param("./a/../news-article-1.html", NEWS, f"{SITE}/news-article-1.html", id="dots"),
        pytest.param("//www.perusupportgroup.org.uk/about.php", NEWS, f"{SITE}/about.php", id="any-scheme"),
        pytest.param(" news-article-1.html\n", NEWS, f"{SITE}/news-article-1.html", id="white-space"),
        pytest.param("?position=30", NEWS, f"{SITE}/news.php?position=30", id="query"),
        pytest.param(f"{SECURE}:443/news.php", None, f"{SITE}/news.php", id="php-pages-are-http"),
        pytest.param(f"{SECURE}/a.html", None, f"{SITE}/a.html", id="html-pages-are-http"),
        pytest.param(f"{SECURE}/a.HTM", None, f"{SITE}/a.HTM", id="htm-pages-are-http"),
        pytest.param(f"{SITE}/2019/12/slug/", None, f"{SECURE}/2019/12/slug/", id="others-are-https"),
        pytest.param(f"{SITE}/a.phpx", None, f"{SECURE}/a.phpx", id="no-php-page"),
        pytest.param(f"{SITE}/a.html/b", None, f"{SECURE}/a.html/b", id="no-html-page"),
        pytest.param(SITE, None, f"{SECURE}/", id="root"),
        pytest.param("HTTP://WWW.PeruSupportGroup.ORG.uk/news.php", None, f"{SITE}/news.php", id="case"),
        pytest.param("http://www.perusupportgroup.org.uk./news.php", None, f"{SITE}/news.php", id="final-dot"),
        pytest.param(f"{SITE}:80/news.php", None, f"{SITE}/news.php", id="port-80"),
        pytest.param(f"{SECURE}:80/news.php", None, f"{SITE}/news.php", id="port-80-with-https"),
        pytest.param(f"{SITE}:8080/news.php", None, f"{SITE}:8080/news.php", id="another-port-is-another-site"),
        pytest.param("http://u:p@perusupportgroup.org.uk/a.php", None, f"{SITE}/a.php", id="user-of-the-site"),
        pytest.param(f"{SITE}/news.php#top", None, f"{SITE}/news.php", id="fragment"),
        pytest.param(f"{SITE}/a.php?PHPSESSID=1&x=2", None, f"{SITE}/a.php?x=2", id="session"),
        pytest.param(f"{SITE}/a.php?phpsessid=1", None, f"{SITE}/a.php", id="session-in-lower-case"),
        pytest.param(f"{SITE}/a.php?x=2&sid=9", None, f"{SITE}/a.php?x=2", id="sid"),
        pytest.param(f"{SITE}/a.php?side=9", None, f"{SITE}/a.php?side=9", id="no-session"),
        pytest.param(f"{SITE}/a.php?b=2&a=1", None, f"{SITE}/a.php?a=1&b=2", id="sorted"),
        pytest.param(f"{SITE}/a.php?t[]=1&t[]=2", None, f"{SITE}/a.php?t%5B%5D=1&t%5B%5D=2", id="twice-is-two-values"),
        pytest.param(f"{SITE}/a.php?x=&y", None, f"{SITE}/a.php?x=&y=", id="empty-values"),
        pytest.param(f"{SITE}/perú.php?q=año", None, f"{SITE}/per%C3%BA.php?q=a%C3%B1o", id="accents"),
        pytest.param("http://example.org:80/x", None, "http://example.org/x", id="default-port"),
        pytest.param("https://example.org:443/x", None, "https://example.org/x", id="default-secure-port"),
        pytest.param("https://example.org:80/x", None, "https://example.org:80/x", id="port-of-the-other-scheme"),
        pytest.param("http://www.example.org/x", None, "http://www.example.org/x", id="www-elsewhere-stays"),
        pytest.param("http://www.www.perusupportgroup.org.uk/x", None, "http://www.www.perusupportgroup.org.uk/x"),
        pytest.param("http://notperusupportgroup.org.uk/x", None, "http://notperusupportgroup.org.uk/x"),
        pytest.param("http://u@example.org:80/x", None, "http://u@example.org/x", id="user-elsewhere"),
        pytest.param("http://münchen.de/", None, "http://xn--mnchen-3ya.de/", id="international-host"),
        pytest.param("http://[::1]:80/x", None, "http://[::1]/x", id="ipv6"),
        pytest.param("news-article-1.html", None, f"{SITE}/news-article-1.html", id="detail-page-without-base"),
        pytest.param("article-1.htm?x=1", None, f"{SITE}/article-1.htm?x=1", id="detail-page-with-query"),
        pytest.param("/x/article-1.html", None, f"{SITE}/x/article-1.html", id="in-a-folder"),
        pytest.param("article-1.html", MIRROR, "http://127.0.0.1:8000/article-1.html", id="mirror"),
    ],
)
def test_an_address_is_written_one_way(href: str, base: str | None, address: str) -> None:
    assert urls.canonical(href, base) == address
    assert urls.canonical(address, None) == address


@pytest.mark.parametrize(
    "href",
    [
        None,
        "",
        "  ",
        "#top",
        "javascript:history.back()",
        "mailto:info@perusupportgroup.org.uk",
        "tel:+44",
        "data:text/html,x",
        "ftp://perusupportgroup.org.uk/x",
        "http://",
        "http://[::1",
        "http://perusupportgroup.org.uk:port/",
        "http://perusupportgroup.org.uk:99999/",
        "http://exa mple.org/",
        "http://%41.org/",
        "http://a\x01b.org/",
        "http://a\ud800b.org/",
        "http://" + "a" * 64 + "\x7f.org/",
    ],
)
def test_what_names_no_page_has_no_address(href: str | None) -> None:
    assert urls.canonical(href, NEWS) is None


@pytest.mark.parametrize(
    "href", ["about.php", "?position=30", "//perusupportgroup.org.uk/", "xarticle-1.html", "article-.html"]
)
def test_without_a_base_only_a_detail_page_is_completed(href: str) -> None:
    assert urls.canonical(href, None) is None
    assert urls.canonical(href, NEWS) is not None


def test_a_base_that_is_no_address_completes_nothing() -> None:
    assert urls.canonical("about.php", "http://[::1") is None
    assert urls.canonical("about.php", "mailto:x") is None


LINKS = st.one_of(
    st.text(st.characters(categories=None)),
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["http://", "https://", "HTTP:", "//", "", "javascript:", "http:///", "http://u:p@"]),
        st.sampled_from(
            ["perusupportgroup.org.uk", "www.perusupportgroup.org.uk.", "example.org", "[::1]", "ñ.pe", "%", ""]
        ),
        st.sampled_from(["", ":80", ":443", ":8080", ":x", ":", ":99999"]),
        st.text("/.a%2é?&=;#[]+ \x00\n\\~", max_size=12),
        st.sampled_from(["", "?sid=1&a=2&a=3", "news.php", "article-1.html", "?position=10#x", "?&&=", "/../.."]),
    ),
)


@given(LINKS, st.sampled_from([None, NEWS, MIRROR, f"{SECURE}/2020/01/slug/", "http://[", ""]))
def test_an_address_is_found_or_not_without_an_error_and_twice_equals_once(href: str, base: str | None) -> None:
    address = urls.canonical(href, base)
    if address is not None:
        assert urls.canonical(address, None) == address
        assert re.fullmatch(r"https?://[!-~]+", address)
    for listing in (urls.listing_page(href), urls.listing_page(href, href)):
        assert listing is None or listing.position >= 0
    assert urls.is_detail_page(href) == (urls.link_identity(href, href) is not None)


@pytest.mark.parametrize(
    ("url", "page", "identity"),
    [
        (f"{SITE}/news-article-1457.html", None, "news-article-1457"),
        (f"{SECURE}:443/article-1133.html?x#y", None, "article-1133"),
        ("http://www.perusupportgroup.org.uk/Article-1133.HTM", None, "article-1133"),
        (f"{SITE}/old/article-7.html", None, "article-7"),
        ("http://127.0.0.1:8000/article-7.html", MIRROR, "article-7"),
        ("http://www.example.org/article-7.html", "https://example.org:443/", "article-7"),
        ("http://127.0.0.1:8001/article-7.html", MIRROR, None),
        ("http://example.org/article-7.html", None, None),
        ("http://example.org/article-7.html", NEWS, None),
        (f"{SITE}/article-7.html5", None, None),
        (f"{SITE}/article-7x.html", None, None),
        (f"{SITE}/my-article-7.html", None, None),
        (f"{SITE}/news.php?article-7.html", None, None),
        (f"{SITE}:8080/article-7.html", None, None),
        ("http://[::1", None, None),
        ("http://[::1", "http://[::1", None),
        (f"{SITE}/article-7.html", "http://[::1", "article-7"),
        (None, None, None),
    ],
)
def test_the_name_of_a_detail_page_is_an_identity(url: str | None, page: str | None, identity: str | None) -> None:
    assert urls.link_identity(url, page) == identity


@given(
    st.lists(
        st.sampled_from("a article-1.html / // : http: .. . # ? & = \t \n é % [ @ - _ mailto:".split(" ")), max_size=5
    )
)
def test_a_link_names_a_page_where_it_has_an_address_on_any_page(pieces: list[str]) -> None:
    href = "".join(pieces)
    assert urls.names_page(href) == (urls.canonical(href, "http://page.invalid/") is not None)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("art\nicle-1.html", "http://perusupportgroup.org.uk/article-1.html"),
        (" ARTICLE-1.HTML ", "http://perusupportgroup.org.uk/ARTICLE-1.HTML"),
        ("http:article-1.html", "http://perusupportgroup.org.uk/article-1.html"),
        ("x/article-1.htm", "http://perusupportgroup.org.uk/x/article-1.htm"),
    ],
)
def test_a_detail_page_is_known_however_its_link_is_written(href: str, address: str) -> None:
    assert urls.is_detail_link(href)
    assert urls.canonical(href, None) == address


def test_without_a_detail_page_an_identity_is_a_hash_of_title_and_date() -> None:
    digest = sha256("perú: straße\n2013-05-03".replace("ß", "ss").encode()).hexdigest()
    assert urls.hash_identity("PERÚ: Straße", "2013-05-03") == f"x-{digest[:16]}"
    assert urls.hash_identity("A", None) == urls.hash_identity("a", "") == "x-" + sha256(b"a\n").hexdigest()[:16]
    assert urls.hash_identity("a", "1") != urls.hash_identity("a", "2")


@pytest.mark.parametrize(
    ("url", "page", "listing"),
    [
        (f"{SITE}/news.php", None, ListingPage("news", 0)),
        (f"{SITE}/news.php?position=0", None, ListingPage("news", 0)),
        (f"{SECURE}/news.php?position=850", None, ListingPage("news", 850)),
        ("http://www.perusupportgroup.org.uk:80/Articles.php?position=700&x=1", None, ListingPage("articles", 700)),
        (f"{SITE}/news.php?position=1&position=2", None, ListingPage("news", 2)),
        (f"{SITE}/news.php?position=999999999", None, ListingPage("news", 999_999_999)),
        (f"{SITE}/news.php?position=", None, ListingPage("news", 0)),
        (f"{SITE}/news.php?position=1000000000", None, None),
        (f"{SITE}/news.php?position=-10", None, None),
        (f"{SITE}/news.php?position=ten", None, None),
        (f"{SITE}/news.php?position=1x", None, None),
        (f"{SITE}/news.php?position=%D9%A1", None, None),
        (f"{SITE}/", None, ListingPage("home", 0)),
        (SITE, None, ListingPage("home", 0)),
        (f"{SITE}/index.php", None, ListingPage("home", 0)),
        (f"{SITE}/?position=310", None, ListingPage("home", 0)),
        (f"{SITE}/?position=x", None, ListingPage("home", 0)),
        (MIRROR, MIRROR, ListingPage("news", 0)),
        (MIRROR, None, None),
        (MIRROR, NEWS, None),
        ("http://example.org/", None, None),
        (f"{SITE}/about.php", None, None),
        (f"{SITE}/x/news.php", None, None),
        (None, None, None),
    ],
)
def test_listing_pages_are_known_by_their_address(
    url: str | None, page: str | None, listing: ListingPage | None
) -> None:
    assert urls.listing_page(url, page) == listing


def test_detail_pages_are_told_from_listings_on_any_host() -> None:
    assert urls.is_detail_page(f"{SITE}/article-1.html")
    assert urls.is_detail_page("http://127.0.0.1:8000/news-article-1.html")
    assert not urls.is_detail_page(NEWS)
    assert not urls.is_detail_page(None)
    assert not urls.is_detail_page("")


@given(
    href=st.from_regex(r"[A-Za-z0-9_-]{1,12}(\.[A-Za-z0-9_-]{1,5}){0,2}", fullmatch=True)
    | st.sampled_from(["a.php", "B.HTML", "http", "index.htm", "a-1.php", "x.phpx", "-", "a.", "..", "php", "A.Php"]),
    base=st.sampled_from(
        [
            NEWS,
            f"{SITE}",
            f"{SECURE}:443/a/b/../c.php?x#y",
            f"{SITE}//a//b",
            f"{SITE}/./a/./b",
            f"{SITE}/a;b/c;d?e",
            f"{SITE}/per\u00fa/%e9%zz/a b/x",
            "http://u:p@www.perusupportgroup.org.uk:80/a/",
            "http://example.org:80/x/y",
            "https://m\u00fcnchen.de/a",
            "http://[::1]:8080/a/b",
            "http://[::1/a",
            "http://example.org:99999/",
            "http:///a",
            "file:///a/b",
            "mailto:a@b",
            "news.php",
            "",
            " http://example.org/a ",
            "http://example.org/a\n/b",
            "http://example.org/a/b?c=/d/e.php",
            "http://example.org?a/b",
            "http://example.org/a/b#c/d?e",
            MIRROR,
        ]
    )
    | st.text(max_size=20).map("http://perusupportgroup.org.uk/".__add__)
    | st.text(max_size=20).map("http://".__add__),
)
def test_a_link_to_a_page_beside_is_completed_as_any_other(href: str, base: str) -> None:
    assert urls.canonical(href, base) == urls._canonical(href, base)


PLAIN = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["http://", "https://"]),
    st.sampled_from(["perusupportgroup.org.uk", "www.perusupportgroup.org.uk", "127.0.0.1", "1.2", "0", "a-b.pe", "a"]),
    st.sampled_from(["", ":80", ":443", ":8000", ":99999"]),
    st.lists(st.sampled_from(["a", "A.php", "news.php", "2020", "a_b-c", "x.HTML"]), max_size=3).map(
        lambda parts: "".join(f"/{part}" for part in parts)
    ),
    st.sampled_from(["", "?position=20", "?sid=1", "?phpsessid=a1", "?a=1&b=2", "?a=", "?a", "?A=1", "?p=0a"]),
)


@given(PLAIN)
def test_what_cannot_be_written_otherwise_is_told_at_a_glance_and_comes_out_the_same(url: str) -> None:
    at_a_glance = urls._canonical(url, None)
    with patch.object(urls, "_PLAIN", re.compile("(?!)")):
        assert urls._canonical(url, None) == at_a_glance


@given(
    st.tuples(
        st.sampled_from(
            ["http://", "https://", "HTTP://", "http:/", "ftp://", "//", " http://", "http://u@", "http://["]
        ),
        st.sampled_from(
            ["www.perusupportgroup.org.uk", "Example.org", "a..b", "", ".", "m\u00fcnchen.de", "::1]", "a b", "-"]
        )
        | st.text("aw.-:/@[]\n", max_size=6),
        st.sampled_from(["", ":80", ":443", ":8080", ":", ":99999", ":0", ":x", "\n", "\t:80", "\\"]),
        st.sampled_from(["", "/", "?", "#", "/a:b@c", "\n/", "?@example.org", "#@x", "\\@x"]),
    ).map("".join)
)
def test_of_which_site_an_address_is_is_told_by_how_it_begins_as_by_all_of_it(url: str) -> None:
    assert urls._host_of(url) == urls._site_host(url)
