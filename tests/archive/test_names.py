from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.names import (
    SnapshotName,
    check_collection,
    compact,
    is_collection,
    kept_apart,
    next_edition,
    next_free_name,
    parse,
    stem,
)
from psgcrawl.errors import UsageError
from tests.archive.making import after, at

NAMES = st.builds(
    SnapshotName,
    at=st.datetimes().filter(lambda moment: moment.year > 999).map(lambda moment: f"{moment:%Y%m%dT%H%M%SZ}"),
    bound=st.booleans(),
    number=st.integers(1, 200),
    edition=st.integers(1, 200),
)


@given(NAMES)
def test_every_name_is_read_back(name: SnapshotName) -> None:
    assert parse(str(name)) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20170218T060000Z", SnapshotName("20170218T060000Z")),
        ("20170218T060000Z-2", SnapshotName("20170218T060000Z", number=2)),
        ("20170218T060000Z.e2", SnapshotName("20170218T060000Z", edition=2)),
        ("20170218T060000Z-10.e11", SnapshotName("20170218T060000Z", number=10, edition=11)),
        ("after-20141208T000000Z", SnapshotName("20141208T000000Z", bound=True)),
        ("after-20141208T000000Z-2.e2", SnapshotName("20141208T000000Z", bound=True, number=2, edition=2)),
    ],
)
def test_a_name_says_time_bound_number_and_edition(text: str, expected: SnapshotName) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "20170218",
        "20170218T060000",
        "20170231T060000Z",
        "20170218T250000Z",
        "20170218T240000Z",
        "20170218T060060Z",
        "20170218T060000Z-1",
        "20170218T060000Z-0",
        "20170218T060000Z-02",
        "20170218T060000Z.e1",
        "20170218T060000Z.e02",
        "20170218T060000Z.e2-2",
        "20170218T060000Z\n",
        "before-20170218T060000Z",
        ".staging-20170218T060000Z",
        "２０１７0218T060000Z",
    ],
)
def test_foreign_names_are_no_names(text: str) -> None:
    assert parse(text) is None


def test_names_sort_by_time_then_by_what_is_known_then_in_commit_order() -> None:
    ordered = [
        "20170218T060000Z",
        "20170218T060000Z.e2",
        "20170218T060000Z.e10",
        "20170218T060000Z-2",
        "20170218T060000Z-10",
        "after-20170218T060000Z",
        "20170218T060001Z",
    ]
    parsed = [name for name in map(parse, ordered[::-1]) if name]
    assert [str(name) for name in sorted(parsed, key=lambda name: name.order)] == ordered


@pytest.mark.parametrize(
    ("captured", "expected"),
    [
        (at("2017-02-18T06:00:00Z"), "20170218T060000Z"),
        (after("2014-12-08T00:00:00Z"), "after-20141208T000000Z"),
        (at("2017-02-18T00:00:00Z", "2017-02-27T23:59:59Z"), "after-20170218T000000Z"),
    ],
)
def test_only_a_known_time_is_a_name_without_after(captured: object, expected: str) -> None:
    assert stem(captured) == expected  # type: ignore[arg-type]


def test_a_time_in_a_name_is_compact() -> None:
    assert compact("2017-02-18T06:00:00Z") == "20170218T060000Z"


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        pytest.param([], "20170218T060000Z", id="nothing there"),
        pytest.param(["20170218T060001Z", "after-20170218T060000Z"], "20170218T060000Z", id="others there"),
        pytest.param(["20170218T060000Z"], "20170218T060000Z-2", id="taken"),
        pytest.param(["20170218T060000Z", "20170218T060000Z-2"], "20170218T060000Z-3", id="taken twice"),
        pytest.param(["20170218T060000Z-9", "20170218T060000Z-10"], "20170218T060000Z-11", id="counted, not spelled"),
        pytest.param(["20170218T060000Z-3"], "20170218T060000Z-4", id="one that went is not given again"),
        pytest.param(["20170218T060000Z.e2"], "20170218T060000Z-2", id="a later edition takes the name"),
        pytest.param(["20170218T060000Z-2.e2"], "20170218T060000Z-3", id="of a numbered one, too"),
        pytest.param([".incomplete-20170218T060000Z"], "20170218T060000Z", id="kept apart takes none"),
    ],
)
def test_a_taken_name_gets_the_next_number(tmp_path: Path, taken: list[str], free: str) -> None:
    for name in taken:
        (tmp_path / name).mkdir()
    assert next_free_name(tmp_path, "20170218T060000Z") == free


def test_a_broken_link_and_a_file_take_a_name(tmp_path: Path) -> None:
    (tmp_path / ".incomplete-x").symlink_to("nowhere")
    (tmp_path / ".incomplete-x-2").write_text("")
    assert next_free_name(tmp_path, ".incomplete-x") == ".incomplete-x-3"


def test_in_no_folder_every_name_is_free(tmp_path: Path) -> None:
    assert next_free_name(tmp_path / "none", "20170218T060000Z") == "20170218T060000Z"


@pytest.mark.parametrize(
    ("present", "name", "expected"),
    [
        (["20170218T060000Z"], "20170218T060000Z", "20170218T060000Z.e2"),
        (
            ["20170218T060000Z", "20170218T060000Z.e9", "20170218T060000Z.e10"],
            "20170218T060000Z",
            "20170218T060000Z.e11",
        ),
        (["20170218T060000Z.e2"], "20170218T060000Z.e2", "20170218T060000Z.e3"),
        (["20170218T060000Z-2", "20170218T060000Z.e5"], "20170218T060000Z-2", "20170218T060000Z-2.e2"),
        (["after-20170218T060000Z.e5"], "20170218T060000Z", "20170218T060000Z"),
    ],
)
def test_the_next_edition_follows_all_that_there_are(
    tmp_path: Path, present: list[str], name: str, expected: str
) -> None:
    for folder in present:
        (tmp_path / folder).mkdir()
    assert next_edition(tmp_path, name) == expected


def test_what_is_no_snapshot_has_no_editions(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'latest' is no snapshot name"):
        next_edition(tmp_path, "latest")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".staging-20170218T060000Z", ("staging", "20170218T060000Z")),
        (".incomplete-20170218T060000Z-2", ("incomplete", "20170218T060000Z-2")),
        (".refused-x", ("refused", "x")),
        (".refused-", None),
        (".lock", None),
        ("incomplete-x", None),
        (".hidden-x", None),
    ],
)
def test_what_is_kept_apart_says_how(text: str, expected: tuple[str, str] | None) -> None:
    assert kept_apart(text) == expected


@pytest.mark.parametrize("text", ["news", "a", "0", "news-2", "a" * 64])
def test_a_collection_has_a_plain_name(text: str) -> None:
    assert is_collection(text)
    assert check_collection(text) == text


@pytest.mark.parametrize("text", ["", "-news", "News", "a" * 65, "a/b", "..", ".", "né", "a_b", "news\n", "a b"])
def test_what_could_name_another_place_is_no_collection(text: str) -> None:
    assert not is_collection(text)
    with pytest.raises(UsageError, match="collection "):
        check_collection(text)
