"""What the pages of a report say, and that each is sound."""

from pathlib import Path

import pytest

from psgcrawl.archive import aliases, jsonl
from psgcrawl.archive.aliases import Alias, Ref
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.write import write_snapshot
from psgcrawl.exports.report import gathering, listing, places
from psgcrawl.exports.report.showing import harmless
from psgcrawl.records import Entry
from tests.archive.making import RUN, entry, page
from tests.exports.making import live_archive
from tests.exports.report.reading import contents, page_of, pages, report, section, target, text
from tests.exports.telling import HOSTILE, Told, day, news, since

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
WITH_SCRIPT = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"

every_report = pytest.mark.parametrize("name", ["made", "worst"])


def listed(archive: Path, collection: str, *entries: Entry) -> None:
    """Make a snapshot of a collection."""
    with CollectionLock(archive, collection) as lock:
        write_snapshot(lock, [page(*entries, collection=collection)], RUN)


@every_report
def test_every_link_leads_to_a_page_and_a_place_that_are_there(request: pytest.FixtureRequest, name: str) -> None:
    path: Path = request.getfixturevalue(name)
    trees = pages(path)
    known = {(path / place).resolve(): set(tree.xpath("//@id")) for place, tree in trees.items()}
    followed = 0
    for place, tree in trees.items():
        links = [link for link in tree.xpath("//a/@href | //link/@href | //script/@src") if "://" not in link]
        for link in links:
            there, fragment = target(path, place, link)
            assert there.is_file(), f"{place}: {link}"
            if fragment and there.name != places.SEARCH:
                assert fragment in known[there.resolve()], f"{place}: {link}"
            followed += 1
    assert followed > 10 * len(trees)


@every_report
def test_every_page_carries_a_policy_by_which_it_can_load_nothing_from_elsewhere(
    request: pytest.FixtureRequest, name: str
) -> None:
    path: Path = request.getfixturevalue(name)
    for place, tree in pages(path).items():
        [policy] = tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
        assert policy == (WITH_SCRIPT if place == places.SEARCH else POLICY)
        assert not tree.xpath("//script[not(@src)] | //style | //@style | //img | //iframe | //object | //*[@onclick]")
        assert len(tree.xpath("//script")) == (place == places.SEARCH)
        assert [one for one in tree.xpath("//@src | //link/@href") if "://" in one] == []
        assert [one for one in tree.xpath("//a/@href") if "://" in one and not one.startswith("http")] == []


@every_report
def test_every_page_has_one_main_heading_a_title_a_language_and_the_notice(
    request: pytest.FixtureRequest, name: str
) -> None:
    path: Path = request.getfixturevalue(name)
    for tree in pages(path).values():
        assert len(tree.xpath("//h1")) == 1
        assert text(tree.xpath("//title")[0])
        assert tree.xpath("/html/@lang") == ["en"]
        assert "under no licence of psgcrawl, which is independent of the group" in text(tree.xpath("//footer")[0])
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))


@every_report
def test_every_picture_has_a_text_in_its_place(request: pytest.FixtureRequest, name: str) -> None:
    pictures = pages(request.getfixturevalue(name))["index.html"].xpath("//*[local-name()='svg']")
    assert pictures
    for picture in pictures:
        assert picture.get("role") == "img"
        assert len(picture.get("aria-label")) > 20


def test_what_the_report_shows_of_hostile_entries_is_their_text_and_nothing_else(bad: Told, worst: Path) -> None:
    trees = pages(worst)
    own = {str(tag) for place in ("about.html", "search.html") for tag in (e.tag for e in trees[place].iter())}
    own |= {"article", "blockquote", "svg", "g", "rect", "circle", "line", "text", "desc", "figure", "figcaption"}
    own |= {"table", "thead", "tbody", "tr", "th", "td", "details", "summary", "h3", "h4", "ins", "del", "br", "code"}
    for place, tree in trees.items():
        assert {e.tag for e in tree.iter() if isinstance(e.tag, str)} <= own, place
    titles = {text(tree.xpath("//h1")[0]) for place, tree in trees.items() if place.startswith("entries/")}
    for title in HOSTILE[1:]:
        assert " ".join(str(harmless(title)).split()) in titles
    for name, data in contents(worst).items():
        assert b"<script>alert" not in data or name.startswith("data/"), name
        assert not any(byte in data for byte in (b"\x00", b"\x07", b"\x1b")), name
        assert name.startswith("assets/") or not name.endswith(".js") or data.isascii()
        assert not any(char in data.decode("utf-8") for char in "\u202e\u2066\ufffe\uffff"), name


def test_an_address_that_is_none_of_the_web_is_shown_and_is_no_link(told: Told, tmp_path: Path) -> None:
    told.see_all(day(1), news(1, url="javascript:alert(1)"), news(2, url="https://example.org/?a=1&b=<2>"))
    path = report(told.archive.folder, tmp_path / "report")
    assert "javascript:alert(1)" in section(page_of(path, "news-article-1"), "facts")
    assert not page_of(path, "news-article-1").xpath('//a[starts-with(@href, "javascript")]')
    assert page_of(path, "news-article-2").xpath('//a[@href="https://example.org/?a=1&b=<2>"]/@rel') == [
        "noreferrer nofollow external"
    ]


def test_a_revision_stands_side_by_side_with_the_changed_words_marked(made: Path) -> None:
    page = page_of(made, "news-article-2")
    [old], [new] = page.xpath('//*[@class="side old"]'), page.xpath('//*[@class="side new"]')
    assert text(old) == "Before Title of news-article-2"
    assert text(new) == "After Minería en el Perú"
    assert [text(one) for one in page.xpath("//del")] == ["Title of news-article-2"]
    assert [text(one) for one in page.xpath("//ins")] == ["Minería en el Perú"]
    said = section(page, "revisions")
    assert "Changed between 1 January 2018, 06:00 UTC and 8 January 2018, 06:00 UTC." in said
    assert text(page.xpath("//h1")[0]) == "Minería en el Perú"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Listed The latest observation of its collection shows it. First seen 1 January 2018, 06:00 UTC"),
        (3, "No longer listed, confirmed Its place was seen without it."),
        (3, "Last seen 8 January 2018, 06:00 UTC 20180108T060000Z Not there 15 January 2018, 06:00 UTC"),
        (3, "Not there either 22 January 2018, 06:00 UTC 20180115T060000Z@20180122T060000Z"),
        (4, "It was gone in between: last seen 1 January 2018, 06:00 UTC, not there 8 January 2018, 06:00 UTC, seen"),
        (5, "Not there 1 January 2018, 06:00 UTC 20180101T060000Z First seen 8 January 2018, 06:00 UTC"),
    ],
    ids=["stays", "removed", "last seen", "confirmed", "came back", "came"],
)
def test_what_became_of_an_entry_is_told_with_its_evidence(made: Path, number: int, said: str) -> None:
    assert said in section(page_of(made, f"news-article-{number}"), "state")


def test_what_changed_lately_is_told_by_observation_the_latest_first(made: Path) -> None:
    page = pages(made)[places.CHANGES]
    assert [text(one) for one in page.xpath("//section/h2")] == [
        "15 January 2018, 06:00 UTC news",
        "8 January 2018, 06:00 UTC news",
    ]
    latest, before = (text(one) for one in page.xpath("//section"))
    assert "Listed again 15 January 2017 Title of news-article-4" in latest
    assert "No longer listed 15 January 2017 Title of news-article-3" in latest
    assert "Title Title of news-article-2 Minería en el Perú" in before
    assert "it came between 1 January 2018, 06:00 UTC and 8 January 2018, 06:00 UTC Title of news-article-5" in before
    assert "news-article-1" not in latest + before


def test_what_a_first_observation_shows_or_one_of_unknown_order_is_not_told_as_new(told: Told, tmp_path: Path) -> None:
    told.see_all(day(1), news(1))
    told.see(since(1), page(news(2)))
    path = report(told.archive.folder, tmp_path / "report")
    assert "Nothing has changed yet" in text(pages(path)[places.CHANGES])


def test_a_date_is_said_as_far_as_it_was_printed(told: Told, tmp_path: Path) -> None:
    inferred = {"date_edtf": "2012-08?/2012-09?", "date_earliest": "2012-08-01", "date_latest": "2012-09-30"}
    no_year = {"date_edtf": "XXXX-02-27", "date_earliest": None, "date_latest": None, "dateline": "27 February"}
    month = {"date_edtf": "2009-12", "date_earliest": "2009-12-01", "date_latest": "2009-12-31"}
    told.see_all(day(1), news(1, **month), news(2, **inferred), news(3, **no_year))
    path = report(told.archive.folder, tmp_path / "report")
    facts = [section(page_of(path, f"news-article-{number}"), "facts") for number in (1, 2, 3)]
    assert "Date December 2009 2009-12 " in facts[0]
    assert "Date August to September 2012 (the year is inferred) " in facts[1]
    assert "Date 27 February (no year printed) XXXX-02-27 Dateline as printed 27 February" in facts[2]
    assert "1 December 2009" not in "".join(text(one) for one in pages(path).values())
    assert sorted(one.name for one in (path / "lists" / "news").iterdir()) == ["2009.html", "2012.html", "undated.html"]


def test_an_entry_names_the_record_that_proves_it_and_how_to_cite_it(tmp_path: Path) -> None:
    written = live_archive(tmp_path / "archive")
    path = report(tmp_path / "archive", tmp_path / "report")
    snapshot = Snapshot(written[0].folder)
    [row] = [one for one in snapshot.pages() if one.position == 10]
    assert row.warc is not None
    page = page_of(path, "news-article-10")
    seen = section(page, "seen")
    assert row.warc.record in seen
    assert f"news/{snapshot.name}/pages.warc.gz, byte {row.warc.offset}" in seen
    assert row.payload_digest in seen
    assert page.xpath(f'//td/a[@href="{row.url}"]')
    cited = section(page, "cite")
    assert f"captured 18 February 2017, 06:00 UTC. Archive: collection news, snapshot {snapshot.name}, entry" in cited
    assert f"psgcrawl verify {snapshot.folder.parent.name} --deep" in cited


def test_of_many_observations_in_a_row_the_first_is_told_and_that_the_others_follow(told: Told, tmp_path: Path) -> None:
    for number in range(1, 10):
        told.see_all(day(number), news(1), *([news(2)] if number < 9 else []))
    path = report(told.archive.folder, tmp_path / "report")
    stays, went = (section(page_of(path, f"news-article-{number}"), "seen") for number in (1, 2))
    assert "1 January 2018, 06:00 UTC" in stays
    assert "and each observation since then" in stays
    assert "2 January" not in stays + went
    assert "and each of the 6 between" in went
    assert "8 January 2018, 06:00 UTC" in went
    rows = pages(path)["collections/news.html"].xpath("//tr[@id]/@id")
    assert len(rows) == 9
    assert gathering.LISTED < 8


def test_an_entry_that_other_collections_list_is_linked_with_theirs_unless_a_person_forbids_it(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    for name in ("home", "news"):
        listed(archive, name, entry("news-article-1"), entry("news-article-2"))
    pairs = [Alias(one=Ref(collection="home", id=f"news-article-{n}"), other=Ref(collection="news",
             id=f"news-article-{n}"), verdict="linked", rule="identity") for n in (1, 2)]  # fmt: skip
    pairs.append(Alias(one=pairs[1].other, other=pairs[1].one, verdict="forbidden", by="a person"))
    (archive / aliases.ALIASES).write_bytes(jsonl.dump_lines(pairs))
    path = report(archive, tmp_path / "report")
    linked = {
        place: tree.xpath('//div[dt="Also listed in"]/dd/a')
        for place, tree in pages(path).items()
        if place.startswith("entries/")
    }
    assert sorted(place.split("/")[1] for place, links in linked.items() if links) == ["home", "news"]
    for place, links in linked.items():
        assert bool(links) == place.endswith("news-article-1.html")
        assert all(target(path, place, link.get("href"))[0].is_file() for link in links)


def test_a_long_list_has_several_pages(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LIST_LENGTH", 2)
    told.see_all(day(1), *map(news, range(1, 6)))
    path = report(told.archive.folder, tmp_path / "report")
    lists = {name: tree for name, tree in pages(path).items() if name.startswith("lists/")}
    assert sorted(lists) == ["lists/news/2017-2.html", "lists/news/2017-3.html", "lists/news/2017.html"]
    shown = [len(tree.xpath('//ol[@class="entries"]/li')) for _, tree in sorted(lists.items())]
    assert sorted(shown) == [1, 2, 2]


def test_only_the_collections_that_are_named_are_told_of(tmp_path: Path) -> None:
    for name in ("home", "news"):
        listed(tmp_path / "archive", name, entry("news-article-1"))
    path = report(tmp_path / "archive", tmp_path / "report", "home")
    assert [one.name for one in (path / "entries").iterdir()] == ["home"]
    assert not any(b"collections/news" in data for data in contents(path).values())


def test_an_id_that_is_none_of_ours_names_no_file(told: Told, tmp_path: Path) -> None:
    ids = ["../../x", "A", "a" * 200, "con/..", ""]
    told.see_all(day(1), *(entry(name, title=f"Number {number}") for number, name in enumerate(ids)))
    path = report(told.archive.folder, tmp_path / "report")
    names = [one.name for one in path.glob("entries/news/*/*")]
    assert len(names) == len(ids)
    assert all(name.startswith("id.") and len(name) == len("id..html") + 32 for name in names)
