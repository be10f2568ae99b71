"""Benchmarks measure what they say: in turn, in processes of their own, and nothing is left out in silence."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import expected, table
from benchmarks.contest import Contest, Goal, Row, compete
from benchmarks.making import collections, entries, pages
from benchmarks.paths import PATHS, contests
from benchmarks.results import Results
from benchmarks.sides import Side, function, measure
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify

PROJECT = Path(__file__).parents[1]
BUSY = "import time; end = time.process_time() + {}\nwhile time.process_time() < end: pass"


def python(name: str, code: str, **more: object) -> Side:
    return Side(name=name, words=[sys.executable, "-S", "-E", "-c", code], **more)  # type: ignore[arg-type]


def row(*values: float, most: float | None = None, against: str | None = "theirs", unit: str = "ratio") -> Row:
    return Row(
        path="a path",
        size="some",
        ours="ours",
        against=against,
        by="processor",
        unit=unit,
        most=most,
        values=[*values],
        seconds=[1.0],
        less=False,
        missing=[],
    )


@pytest.mark.thorough
def test_processor_time_and_memory_are_those_of_the_process() -> None:
    """Measured by a process of its own: what a large one starts counts as large with it."""
    program = (
        "from benchmarks.sides import measure\n"
        "from tests.test_benchmarks import BUSY, python\n"
        "used = measure(python('busy', 'held = bytes([1]) * 60_000_000' + chr(10) + BUSY.format(0.15)))\n"
        "print(used.processor, used.memory)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    processor, memory = map(float, ran.stdout.split())
    assert 0.14 < processor < 1
    assert 60 < memory < 160


def test_a_process_that_waits_takes_the_clocks_time_alone() -> None:
    used = measure(python("waiting", "import time; time.sleep(0.2)"))
    assert used.clock >= 0.2
    assert used.processor < 0.19


def test_a_side_that_fails_ends_the_contest() -> None:
    with pytest.raises(RuntimeError, match=r"broken: exited with 3[\s\S]*no such thing"):
        measure(python("broken", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"))


@pytest.mark.thorough
def test_ratios_are_taken_within_a_round_and_less_is_taken_off() -> None:
    contest = Contest(
        path="busy",
        size="",
        sides=[python(name, BUSY.format(seconds)) for name, seconds in (("long", 0.2), ("short", 0.05))],
        goals=[Goal(against="short", most=2), Goal(against="short", less="short"), Goal(unit="ms", factor=1000)],
    )
    ratio, without, alone = compete(contest, 2)
    assert len(ratio.values) == len(ratio.seconds) == 2
    assert ratio.median > 1.5
    assert ratio.reached is (ratio.median <= 2)
    assert [one - 1 for one in ratio.values] == pytest.approx(without.values)
    assert alone.median > 190
    assert alone.reached is None


def test_a_rival_that_is_not_there_is_named() -> None:
    absent = python("theirs", "pass", needs=["no_such_module", "program:no-such-program", "json", "program:sh"])
    contest = Contest(path="x", size="", sides=[python("ours", "pass"), absent], goals=[Goal(against="theirs", most=1)])
    [found] = compete(contest, 1)
    assert found.values == []
    assert found.reached is None
    assert found.missing == ["no_such_module", "program:no-such-program"]
    assert "not measured: no_such_module, program:no-such-program is missing" in "\n".join(table.markdown([found]))
    assert expected.unaccounted([found], {found.key: 1}, whole=True) == [f"{found.key}: not measured"]


def test_a_contest_in_which_nobody_can_take_part_says_what_is_lacking() -> None:
    ours = python("ours", "pass", needs=["no-such-module"])
    [found] = compete(Contest(path="p", size="s", sides=[ours], goals=[Goal(by="memory", most=1)]), 2)
    assert found.missing == ["no-such-module"]
    assert found.values == []


def test_a_function_is_timed_without_what_it_prepares() -> None:
    used = measure(function("dates", "ours:dates", times=10))
    assert 0 < used.processor < 0.1


def test_what_has_doubled_is_told_and_seconds_are_not_compared() -> None:
    slow, seconds = row(2.0, 2.1, 9.0), row(5.0, against=None, unit="s")
    assert expected.doubled(slow, {slow.key: 1.0})
    assert not expected.doubled(slow, {slow.key: 1.1})
    assert not expected.doubled(seconds, {seconds.key: 0.1})
    some_of_them = replace(seconds, unit="ms, start-up not counted")
    assert not expected.doubled(some_of_them, {some_of_them.key: 0.1})
    assert not expected.doubled(replace(slow, less=True), {slow.key: 0.1})
    none = row(1.0, against=None, unit="bytes elsewhere")
    assert expected.doubled(none, {none.key: 0.0})


def test_what_is_measured_and_not_expected_is_told() -> None:
    [told] = expected.unaccounted([row(1.0)], {}, whole=True)
    assert told.startswith("a path: ours / theirs (processor): nothing is expected of it")
    assert expected.unaccounted([row(1.0)], {row(1.0).key: 1, "other": 1}, whole=False) == []


def test_the_expected_ratios_are_those_of_paths_that_there_are() -> None:
    assert len(expected.read()) > 20
    assert all(value >= 0 for value in expected.read().values())


def test_the_table_says_what_is_reached_and_what_is_missed() -> None:
    lines = list(table.markdown([row(0.4, 0.5, 0.6, most=0.5), row(3.0, most=2), row(20.0, against=None, unit="MB")]))
    assert lines[2] == "| a path: ours | some | theirs | at most 0.50 | 0.50 (0.40 to 0.60) | reached |"
    assert lines[3].endswith("| at most 2 | 3 | **missed** |")
    assert lines[4] == "| a path: ours | some | MB |  | 20 MB |  |"


def test_results_of_one_path_replace_only_its_own(tmp_path: Path) -> None:
    file = tmp_path / "full.json"
    results = Results.opened(file, {"processor": "one"})
    results.keep("diff", [row(1.0)], 5, (0.1, 0.2))
    results.keep("verify", [row(2.0)], 5, (0.1, 0.2))
    results.write()
    again = Results.opened(file, {"processor": "one"})
    again.keep("diff", [row(3.0)], 5, (0.1, 0.2))
    assert [one.values for one in again.rows()] == [[3.0], [2.0]]
    assert Results.opened(file, {"processor": "another"}).rows() == []


def test_a_generated_collection_is_a_sound_archive(tmp_path: Path) -> None:
    collections.collection(str(tmp_path), 3, 40, share=10, later=True)
    told: list[Finding] = []
    verify(Archive(tmp_path / "output"), [], Findings(tmp_path, told.append), patience=0)
    assert told == []
    first, *_, last = Archive(tmp_path / "output").collection("news").snapshots()
    old, new = ({entry.id: entry.title for entry in one.entries()} for one in (first, last))
    assert len(old) == len(new) == 40
    assert len(new.keys() - old.keys()) == 8
    assert sum(old[id_] != new[id_] for id_ in old.keys() & new.keys()) == 8
    assert len(list((tmp_path / "later" / "news").iterdir())) == 1


def test_generated_pairs_differ_as_much_as_is_said(tmp_path: Path) -> None:
    entries.pair(str(tmp_path), 1_000)
    old, new = (set((tmp_path / f"{name}.jsonl").read_bytes().splitlines()) for name in ("old", "new"))
    assert len(old - new) == len(new - old) == entries.differing(1_000) == 2
    assert len({json.loads(line)["id"] for line in old}) == len(old) == 999


def test_a_generated_page_links_its_neighbours_and_the_next() -> None:
    assert pages.page(30, 100).count(b'href="news.php') == 22
    assert b'class="next" href="news.php?position=310"' in pages.page(30, 100)
    assert b'class="next"' not in pages.page(99, 100)
    assert pages.page(99, 100).count(b'<li class="item">') == 4


@pytest.mark.parametrize("path", ["layouts", "writing"])
def test_the_contests_of_a_path_have_goals_against_sides_that_there_are(path: str, tmp_path: Path) -> None:
    assert path in PATHS
    for contest in contests(path, tmp_path, small=True):
        names = {side.name for side in contest.sides}
        for goal in contest.goals:
            assert {goal.against, goal.less, goal.ours} - {None} <= names
