from pathlib import Path

import pytest

from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Archive
from psgcrawl.archive.write import write_snapshot
from psgcrawl.errors import AmbiguousName, NotFound, UsageError
from psgcrawl.exports.chosen import choose
from tests.archive.making import RUN, at, full_page

FIRST, SECOND = "20170218T120000Z", "20170225T120000Z"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Two collections with two snapshots each, one of them with the name of a year; and one without any."""
    folder = tmp_path_factory.mktemp("archive")
    for collection in ("news", "2017"):
        with CollectionLock(folder, collection) as lock:
            for day in (18, 25):
                write_snapshot(lock, [full_page(0, 3, captured=at(f"2017-02-{day}T12:00:00Z"))], RUN)
    with CollectionLock(folder, "empty"):
        pass
    return Archive(folder)


@pytest.mark.parametrize(
    ("words", "references", "found"),
    [
        (["news"], [], {"news": [FIRST, SECOND]}),
        (["news", "latest"], [], {"news": [SECOND]}),
        (["news", "2017-02-25", "2017-02-18"], [], {"news": [FIRST, SECOND]}),
        (["news", "latest", "latest"], [], {"news": [SECOND]}),
        (["news"], ["latest~1"], {"news": [FIRST]}),
        (["news", "2017"], [], {"2017": [FIRST, SECOND], "news": [FIRST, SECOND]}),
        (["2017", "20170218"], [], {"2017": [FIRST]}),
        (["news", "news"], [], {"news": [FIRST, SECOND]}),
    ],
)
def test_words_are_collections_and_otherwise_snapshots_of_the_only_one(
    archive: Archive, words: list[str], references: list[str], found: dict[str, list[str]]
) -> None:
    chosen = choose(archive, words, references)
    assert {one.collection: [snapshot.name for snapshot in one.snapshots] for one in chosen} == found
    named = bool(references) or "news" not in words or any(word not in {"news", "2017"} for word in words)
    assert {one.named for one in chosen} == {named}


@pytest.mark.parametrize(
    ("words", "references", "error", "said"),
    [
        (["nothing"], [], NotFound, "no collection 'nothing'"),
        (["news", "artcles"], [], NotFound, "news: no snapshot 'artcles'"),
        (["news", "2017", "latest"], [], UsageError, "'latest': no collection of that name, and snapshots"),
        (["news", "2017"], ["latest"], UsageError, "snapshots can only be named of a single collection"),
        (["news"], ["2017"], AmbiguousName, "'2017' fits several snapshots"),
        (["empty"], [], NotFound, "empty: no snapshots yet"),
    ],
)
def test_what_cannot_be_meant_is_an_error(
    archive: Archive, words: list[str], references: list[str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        choose(archive, words, references)


def test_a_path_must_lead_to_a_folder_with_a_snapshots_name(archive: Archive, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed"
    renamed.symlink_to(archive.folder / "news" / FIRST)
    assert [one.name for one in choose(archive, ["news", f"{renamed}/"])[0].snapshots] == [FIRST]
    (tmp_path / "copied").mkdir()
    (tmp_path / "copied" / "datapackage.json").write_bytes(b"{}")
    with pytest.raises(UsageError, match="'copied' is no snapshot's name"):
        choose(archive, ["news", f"{tmp_path}/copied"])
