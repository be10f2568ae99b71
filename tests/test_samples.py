"""The packaged samples: the real ones as they were given, the synthetic one as it is made, and marked as such."""

import json
from pathlib import Path

import pytest

import psgcrawl.samples
from psgcrawl import layouts
from psgcrawl.samples import synthetic
from tests.crawls import CAPTURES

SAMPLES = Path(psgcrawl.samples.__file__).parent
MADE = synthetic.files()
PAGES = [name for name in MADE if name.endswith(".html")]


def test_the_example_is_what_the_documented_command_makes(tmp_path: Path) -> None:
    synthetic.main(tmp_path / "example")
    folders = (SAMPLES / "example", tmp_path / "example")
    committed, made = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert committed == made
    assert made == {name: text.encode() for name, text in synthetic.files().items()}


def test_the_real_samples_are_the_fixtures_byte_for_byte() -> None:
    given = {path.name: path.read_bytes() for path in CAPTURES.glob("*.txt")}
    assert len(given) == 5
    assert {path.name: path.read_bytes() for path in (SAMPLES / "captures").glob("*.txt")} == given


def test_the_sidecar_of_the_real_samples_claims_what_the_given_one_does() -> None:
    packaged, given = (
        [json.loads(line) for line in (folder / "captures.jsonl").read_bytes().splitlines()]
        for folder in (SAMPLES / "captures", CAPTURES)
    )
    assert packaged == [{key: value for key, value in line.items() if value is not None} for line in given]
    assert not any("captured_at" in line for line in packaged)


def test_every_capture_of_the_example_says_that_it_is_synthetic() -> None:
    lines = [json.loads(line) for line in MADE["captures.jsonl"].splitlines()]
    assert [line["file"] for line in lines] == PAGES
    assert {line["collection"] for line in lines} == {"example"}
    assert all(line["url"].startswith("http://example.org/") for line in lines)
    assert all("ynthetic" in line["title"] and line["note"].startswith("Synthetic: ") for line in lines)


@pytest.mark.parametrize("name", PAGES)
def test_every_entry_of_the_example_says_that_it_is_synthetic(name: str) -> None:
    reading = layouts.read(MADE[name].encode(), media_type="text/html", url="http://example.org/news.php")
    titles = [entry.title for entry in reading.entries if entry.kind == "entry"]
    assert (reading.problems, len(titles) > 0) == ((), True)
    assert all(title.startswith("Synthetic: ") for title in titles)


def test_between_its_crawls_entries_are_added_edited_and_taken_off() -> None:
    first, second = (
        {item.number: item for item in made} for made in (synthetic.first_crawl(), synthetic.second_crawl())
    )
    assert (second.keys() - first.keys(), first.keys() - second.keys()) == ({24, 25}, {12})
    changed = {number: item for number, item in first.items() if number in second and second[number] != item}
    assert sorted(changed) == [9, 15, 20]
    for made in (synthetic.first_crawl(), synthetic.second_crawl()):
        assert [item.day for item in made] == sorted((item.day for item in made), reverse=True)
