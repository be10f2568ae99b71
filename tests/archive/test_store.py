import shutil
from pathlib import Path

import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Archive, Collection, Holdings, resolve
from psgcrawl.archive.write import Choices, write_snapshot
from psgcrawl.errors import AmbiguousName, DamagedData, NotFound
from tests.archive.making import NOON, RUN, after, at, contents, entry, full_page, page, whole_run


def stored(archive: Path, *names: str, collection: str = "news") -> Collection:
    """A collection with snapshots of these names, each of a page at ``position=0`` in the same second."""
    with CollectionLock(archive, collection) as lock:
        for name in names:
            write_snapshot(lock, [full_page(0, 3)], RUN, Choices(name=name))
    return Collection(archive / collection)


def found(collection: Collection) -> list[str]:
    return [snapshot.name for snapshot in collection.snapshots()]


def test_an_archive_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert Archive(tmp_path / "none").collections() == []


def test_collections_are_folders_that_hold_what_this_package_makes(tmp_path: Path) -> None:
    stored(tmp_path, "20170218T060000Z")
    stored(tmp_path, collection="articles")
    for name in ("report/index", "Backup/20170218T060000Z", ".hidden/20170218T060000Z", "a-copy/20170218T060000Z"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "apart" / ".refused-20170218T060000Z").mkdir(parents=True)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "20170218T060000Z").write_text("a file is no snapshot")
    (tmp_path / "runs").write_text("")
    assert [collection.name for collection in Archive(tmp_path).collections()] == [
        "a-copy", "apart", "articles", "news",
    ]  # fmt: skip


def test_a_collection_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with pytest.raises(NotFound, match="no collection 'news'; there is nothing"):
        archive.collection("news")
    stored(tmp_path, "20170218T060000Z")
    stored(tmp_path, collection="articles")
    assert archive.collection("news").folder == tmp_path / "news"
    with pytest.raises(NotFound, match="no collection 'new'; there is articles, news"):
        archive.collection("new")


def test_snapshots_come_in_order_of_capture_time_in_their_newest_edition(tmp_path: Path) -> None:
    news = stored(
        tmp_path,
        "20180101T000000Z",
        "20170218T060000Z-10",
        "20170218T060000Z-2",
        "20170218T060000Z",
        "20170218T060000Z.e10",
        "20170218T060000Z.e9",
        "after-20170301T000000Z",
    )
    assert found(news) == [
        "20170218T060000Z.e10",
        "20170218T060000Z-2",
        "20170218T060000Z-10",
        "after-20170301T000000Z",
        "20180101T000000Z",
    ]
    assert [snapshot.name for snapshot in news.editions()][:4] == [
        "20170218T060000Z",
        "20170218T060000Z.e9",
        "20170218T060000Z.e10",
        "20170218T060000Z-2",
    ]


def test_hidden_folders_the_link_and_foreign_names_are_passed_over(tmp_path: Path) -> None:
    news = stored(tmp_path, "20170218T060000Z")
    assert (news.folder / "latest").is_symlink()
    for name in (".staging-20170101T000000Z", ".incomplete-20170101T000000Z", "20170101", "notes"):
        (news.folder / name).mkdir()
    (news.folder / "20170101T000000Z").write_text("a file")
    assert found(news) == ["20170218T060000Z"]
    assert [path.name for path in news.kept_apart()] == [".incomplete-20170101T000000Z", ".staging-20170101T000000Z"]


def test_a_snapshot_gives_back_what_was_written(tmp_path: Path) -> None:
    shown = page(entry("b", title="é"), entry("a"))
    written = whole_run(tmp_path, shown)
    [snapshot] = Archive(tmp_path).collection("news").snapshots()
    assert [one.id for one in snapshot.entries()] == ["a", "b"]
    [row] = snapshot.pages()
    assert (row.url, row.sha256) == (shown.url, shown.sha256)
    assert snapshot.manifest().sha256 == written.manifest_sha256
    assert snapshot.size() == sum(len(data) for data in contents(snapshot.folder).values())


NAMES = (
    "20160101T000000Z",
    "20170218T060000Z",
    "20170218T060000Z.e2",
    "20170218T060000Z-2",
    "20170301T120000Z",
    "after-20141208T000000Z",
    "after-20170301T000000Z",
)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """A collection with the snapshots ``NAMES``."""
    return stored(tmp_path_factory.mktemp("archive"), *NAMES)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("20160101T000000Z", "20160101T000000Z"),
        ("2016", "20160101T000000Z"),
        ("20160101T", "20160101T000000Z"),
        ("2016-01", "20160101T000000Z"),
        ("2016-01-01", "20160101T000000Z"),
        ("2016-01-01T00", "20160101T000000Z"),
        ("2016-01-01T00:00:00Z", "20160101T000000Z"),
        ("20170218T060000Z", "20170218T060000Z.e2"),
        ("2017-02-18T06:00:00Z", "20170218T060000Z.e2"),
        ("20170218T060000Z.e2", "20170218T060000Z.e2"),
        ("20170218T060000Z.e1", "20170218T060000Z"),
        ("20170218T060000Z-2", "20170218T060000Z-2"),
        ("20170218T060000Z-2.e1", "20170218T060000Z-2"),
        ("2014", "after-20141208T000000Z"),
        ("2014-12-08", "after-20141208T000000Z"),
        ("after-2014", "after-20141208T000000Z"),
        ("after-2014-12", "after-20141208T000000Z"),
        ("after-2017", "after-20170301T000000Z"),
        ("20170301T12", "20170301T120000Z"),
        ("latest", "20170301T120000Z"),
        ("latest~0", "20170301T120000Z"),
        ("latest~1", "after-20170301T000000Z"),
        ("latest~2", "20170218T060000Z-2"),
        ("latest~3", "20170218T060000Z.e2"),
        ("latest~5", "after-20141208T000000Z"),
    ],
)
def test_a_reference_means_one_snapshot(news: Collection, reference: str, name: str) -> None:
    assert resolve(news, reference).name == name


def test_an_edition_that_is_not_the_newest_can_be_named(tmp_path: Path) -> None:
    news = stored(tmp_path, *(f"20170218T060000Z{edition}" for edition in ("", ".e2", ".e3")))
    assert resolve(news, "20170218T060000Z.e2").name == "20170218T060000Z.e2"
    assert resolve(news, "20170218T060000Z").name == "20170218T060000Z.e3"


def test_an_ambiguous_reference_lists_the_candidates(news: Collection) -> None:
    with pytest.raises(AmbiguousName) as raised:
        resolve(news, "2017-02")
    assert str(raised.value) == "news: '2017-02' fits several snapshots: 20170218T060000Z.e2, 20170218T060000Z-2"
    with pytest.raises(AmbiguousName, match="20170301T000000Z, 20170301T120000Z"):
        resolve(news, "20170301T")
    with pytest.raises(AmbiguousName):
        resolve(news, "after-")


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "2018",
        "20170218T060000Z.e3",
        "20160101T000000Z.e2",
        "20170218T060000Z-3",
        "latest~6",
        "latest~",
        "latest~-1",
        "Latest",
        "news",
    ],
)
def test_what_is_not_there_is_answered_with_what_is_newest_first(news: Collection, reference: str) -> None:
    with pytest.raises(NotFound) as raised:
        resolve(news, reference)
    assert str(raised.value).startswith(f"news: no snapshot {reference!r}; there is 20170301T120000Z, after-2017")


def test_an_empty_collection_says_so(tmp_path: Path) -> None:
    for reference in ("latest", "2017"):
        with pytest.raises(NotFound, match="there is none at all"):
            resolve(stored(tmp_path), reference)


def test_a_message_lists_a_few_names_only(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    for second in range(10):
        (tmp_path / "news" / f"20170218T0600{second:02}Z").mkdir()
    with pytest.raises(AmbiguousName, match=r"20170218T060009Z$"):
        resolve(Collection(tmp_path / "news"), "2017")
    for second in (10, 11):
        (tmp_path / "news" / f"20170218T0600{second:02}Z").mkdir()
    with pytest.raises(AmbiguousName, match=r"20170218T060009Z and 2 more$"):
        resolve(Collection(tmp_path / "news"), "2017")


def test_a_path_means_the_folder_there(news: Collection, tmp_path: Path) -> None:
    folder = news.folder / "20160101T000000Z"
    assert resolve(news, str(folder)).folder == folder
    assert resolve(news, "./20160101T000000Z", news.folder).folder == folder
    assert resolve(news, "20160101T000000Z/", news.folder).folder == folder
    assert resolve(news, ".", folder).folder == folder
    assert resolve(news, "./latest", news.folder).name == "20170301T120000Z"
    with pytest.raises(NotFound, match="no snapshot is there"):
        resolve(news, "./20160101T000000Z", tmp_path)
    with pytest.raises(NotFound, match="no snapshot is there"):
        resolve(news, "..", folder)


def test_a_copy_of_another_name_is_read_but_its_name_says_nothing(news: Collection, tmp_path: Path) -> None:
    shutil.copytree(news.folder / "20160101T000000Z", tmp_path / "copy")
    snapshot = resolve(news, "./copy", tmp_path)
    assert len(list(snapshot.entries())) == 3
    with pytest.raises(ValueError, match="'copy' is no snapshot name"):
        snapshot.parsed.order  # noqa: B018 - reading it is the test


def test_holdings_know_pages_by_address_time_and_digest(tmp_path: Path) -> None:
    first, second = full_page(0, captured=at(NOON)), full_page(10, 3, captured=after(NOON), url=None)
    names = [whole_run(tmp_path, one).name for one in (first, second)]
    holdings = Archive(tmp_path).collection("news").holdings()
    assert holdings.find(first.url, first.captured, first.payload_digest) == names[0]
    assert holdings.find(second.url, second.captured, second.payload_digest) == names[1]
    assert holdings.find("http://other/", first.captured, first.payload_digest) is None
    assert holdings.find(first.url, after(NOON), first.payload_digest) is None
    assert holdings.find(first.url, first.captured, second.payload_digest) is None


def test_the_first_that_holds_a_page_stays() -> None:
    holdings = Holdings()
    holdings.add(None, at(NOON), "sha1:x", "first")
    holdings.add(None, at(NOON), "sha1:x", "second")
    assert holdings.find(None, at(NOON), "sha1:x") == "first"


def test_holdings_of_damaged_pages_are_an_error(tmp_path: Path) -> None:
    folder = whole_run(tmp_path, full_page(0)).folder
    (folder / "pages.jsonl").write_bytes(b"{}\n")
    with pytest.raises(DamagedData, match=r"pages\.jsonl:1: no 'url' field"):
        Archive(tmp_path).collection("news").holdings()
