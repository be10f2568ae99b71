"""``psgcrawl run``: crawls of a file, each in a process of its own."""

import json
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from psgcrawl.cli import main
from psgcrawl.cli.run import exit_code
from tests.crawls import CAPTURES, logged, names, sound
from tests.fitting import fits
from tests.minisite import MiniSite

EASY = '{ CONTACT = "ops@example.org", DOWNLOAD_DELAY = 0.2, RETRY_FIRST_PAUSE = 0 }'


def run(folder: Path, text: str, *words: str) -> int:
    (folder / "JOBS.toml").write_text(text, encoding="utf-8")
    return main(["--archive", str(folder / "archive"), "run", str(folder / "JOBS.toml"), *words])


def test_crawls_are_done_and_the_one_that_needs_a_person_gives_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"""
        [[job]]
        spider = "captures"
        arguments = {{ path = "{CAPTURES}" }}
        [[job]]
        name = "wrong"
        spider = "captures"
        arguments = {{ path = "{tmp_path}/none" }}
        [[job]]
        name = "passed-over"
        spider = "captures"
    """
    code = run(tmp_path, text, "--jobs", "2", "--only", "captures", "--only", "wrong", "--json")
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    fits(document, "crawls")
    good, wrong = document["crawls"]
    assert (code, document["exit_code"], document["not_begun"]) == (2, 2, [])
    assert (good["name"], good["exit_code"], good["tries"]) == ("captures", 0, 1), good
    assert (wrong["name"], wrong["exit_code"]) == ("wrong", 2)
    assert any("none" in line for line in wrong["messages"])
    assert any("news" in line for line in good["summary"])
    sound(tmp_path / "archive")
    assert {line.outcome for line in logged(tmp_path / "archive")} == {"committed"}


@pytest.mark.thorough
def test_of_one_site_one_is_crawled_at_a_time_however_many_processes_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times: list[tuple[float, str]] = []
    with MiniSite() as site:
        site.on_request = lambda target: times.append((monotonic(), target))
        text = f"""
            [defaults]
            arguments = {{ base = "{site.url("")}" }}
            settings = {EASY}
            [[job]]
            spider = "news"
            [[job]]
            spider = "home"
        """
        assert run(tmp_path, text, "--jobs", "2") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == "2 crawls: 2 committed or unchanged"
    assert [line.split(":")[0] for line in out[:-1]] == ["news", "home"]
    assert sorted(names(logged(tmp_path / "archive"))) == sorted(
        (name, "committed", line.snapshot)
        for name, line in zip(("news", "home"), logged(tmp_path / "archive"), strict=True)
    )
    # The delay is between the end of an answer and the next request: a little less is seen where they arrive.
    assert min(later[0] - earlier[0] for earlier, later in pairwise(times)) > 0.15
    # Each asks for robots.txt first: what is of one crawl stands together.
    assert [target for _, target in times if target == "/robots.txt"] == ["/robots.txt"] * 2


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([0, 0], 0), ([0, 3], 3), ([3, 5], 5), ([5, 4], 4), ([4, 2], 2), ([2, 1], 1), ([0, -9], 1), ([], 0)],
)
def test_the_exit_code_is_the_first_of_1_2_4_5_3_0(codes: list[int], expected: int) -> None:
    assert exit_code(codes) == expected


def test_a_file_that_is_wrong_begins_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, '[[job]]\nspider = "news"') == 2
    assert "job 'news': site: which site it asks cannot be told" in capsys.readouterr().err
    assert run(tmp_path, '[[job]]\nspider = "captures"', "--only", "news") == 2
    assert "--only 'news': no such job; there are captures" in capsys.readouterr().err
    assert not (tmp_path / "archive").exists()
