"""What is read of snapshots: the same however much of it was seen before."""

from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import pytest

from psgcrawl.archive import jsonl
from psgcrawl.archive.history import reading
from psgcrawl.archive.history.reading import Reader
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry, replace
from tests.archive.history.past import Past, day, news


def digest(entry: Entry) -> bytes:
    return sha256(jsonl.dumps(entry)).digest()


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


@pytest.mark.parametrize("most", [0, reading.MOST], ids=["forgets", "remembers"])
def test_the_digest_of_an_entry_is_that_of_its_line(past: Past, most: int) -> None:
    for number in range(1, 6):
        past.see_all(day(number), *(news(one, title=f"Título {one % number}") for one in range(number, number + 4)))
    reader = Reader()
    with patch.object(reading, "MOST", most):
        for one in past.observations():
            shown, _ = reader.read(one.side)
            assert len(shown) == 4
            for entry, _ in shown:
                assert reader.digest(entry) == digest(entry)
                other = replace(entry, summary="Another.")
                assert reader.digest(other) == digest(other)
                del other


def test_a_line_that_is_written_otherwise_is_the_same_entry(past: Past) -> None:
    names = [past.see_all(day(number), news(1)) for number in (1, 2)]
    path = past.folder / names[1] / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b'":', b'": '))
    reader = Reader()
    (first, _), (second, _) = (reader.read(one.side)[0][0] for one in past.observations())
    assert first is second
    assert reader.digest(second) == digest(first)


def test_an_entry_that_no_page_shows_is_named_where_all_pages_are_alike(past: Past) -> None:
    name = past.see_all(day(1), news(1), news(2))
    path = past.folder / name / "pages.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"news-article-2"', b'"news-article-3"'))
    [one] = past.observations()
    with pytest.raises(DamagedData, match=r"pages\.jsonl: no page shows the entry 'news-article-2'"):
        Reader().read(one.side)
