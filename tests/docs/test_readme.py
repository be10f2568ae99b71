"""What the README shows is what the program does."""

import json
import re
from pathlib import Path

import pytest

from tests.crawls import crawl, run

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "output"
    assert crawl(folder).code == 0
    return folder


def test_the_line_of_a_snapshot_is_a_real_one(archive: Path) -> None:
    shown = json.loads(README.partition("```json\n")[2].partition("```")[0])
    summary = shown.pop("summary").removesuffix("…").rstrip()
    lines = (archive / "articles" / "after-20040430T000000Z" / "entries.jsonl").read_bytes().split(b"\n")
    real = json.loads(lines[0])
    assert real.pop("summary").startswith(summary)
    assert real == shown


@pytest.mark.parametrize("document", ["README.md", "docs/comparing.md"])
def test_the_diff_is_a_real_one(archive: Path, document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    shown = text.partition("$ psgcrawl diff example\n")[2].partition("```")[0]
    done = run("-m", "psgcrawl", "--archive", str(archive), "diff", "example")
    assert (done.code, done.out) == (1, shown)


def plain(text: str) -> str:
    """Leave out what differs between machines: how far their zlib packs the raw pages."""
    return re.sub(r" +", " ", re.sub(r"\d+ [KM]?B\b", "SIZE", text))


def test_the_picture_shows_what_the_command_prints(archive: Path) -> None:
    picture = plain((PROJECT / "docs" / "terminal.svg").read_text(encoding="utf-8").replace("&#160;", " "))
    printed = run("-m", "psgcrawl", "--archive", str(archive), "snapshots")
    assert printed.code == 0
    for line in filter(None, printed.out.splitlines()):
        assert plain(line).rstrip() in picture, "python docs/make_picture.py draws it again"
