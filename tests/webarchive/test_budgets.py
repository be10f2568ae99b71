"""How often a web archive is asked by all who ask it from here, and what people see of a run."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.webarchive.budgets import Budgets, limits_of, usual_folder
from psgcrawl.webarchive.progress import Progress

LIMITS = {"index": (3, 60.0), "memento": (2, 1.0)}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budgets(folder: Path, clock: Clock) -> Budgets:
    return Budgets(folder, "web.archive.org:", LIMITS, clock)


def test_a_budget_is_shared_by_all_who_ask(tmp_path: Path, clock: Clock) -> None:
    one, other = budgets(tmp_path, clock), budgets(tmp_path, clock)
    assert [one.reserve("index"), other.reserve("index"), one.reserve("index")] == [0, 0, 0]
    assert [other.reserve("index"), one.reserve("index")] == [60, 60]
    assert other.reserve("memento") == 0
    clock.now += 61
    assert one.reserve("index") == 0


@given(st.lists(st.floats(0, 30), min_size=1, max_size=40))
def test_in_no_time_of_its_length_more_is_asked_than_the_budget_has(
    tmp_path_factory: pytest.TempPathFactory, waits: list[float]
) -> None:
    clock = Clock()
    shared = budgets(tmp_path_factory.mktemp("budgets"), clock)
    asked = []
    for wait in waits:
        clock.now += wait
        asked.append(clock.now + shared.reserve("index"))
    most, period = LIMITS["index"]
    assert all(later - earlier >= period - 1e-6 for earlier, later in zip(asked, asked[most:], strict=False))


def test_a_pause_is_one_for_all(tmp_path: Path, clock: Clock) -> None:
    one, other = budgets(tmp_path, clock), budgets(tmp_path, clock)
    one.pause(60)
    one.pause(5)
    assert other.left() == 60
    assert other.reserve("memento") == 60
    clock.now += 60
    assert other.left() == 0


def test_a_reboot_begins_anew_and_a_broken_file_counts_as_a_spent_budget(tmp_path: Path, clock: Clock) -> None:
    shared = budgets(tmp_path, clock)
    shared.pause(1e6)
    said = json.loads(shared.path.read_bytes())
    shared.path.write_text(json.dumps({**said, "boot": "another one"}), "ascii")
    assert shared.reserve("index") == 0
    shared.path.write_bytes(b'{"boot')
    assert shared.reserve("index") == 60


def test_another_process_finds_what_was_asked(tmp_path: Path) -> None:
    limits = {"index": (1, 1000.0)}
    assert Budgets(tmp_path, "a", limits).reserve("index") == 0
    code = (
        "import sys, pathlib\nfrom psgcrawl.webarchive.budgets import Budgets\n"
        "print(Budgets(pathlib.Path(sys.argv[1]), 'a', {'index': (1, 1000.0)}).reserve('index'))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert 900 < float(ran.stdout) <= 1000


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path, clock: Clock) -> None:
    shared = budgets(tmp_path, clock)
    (tmp_path / "elsewhere").write_bytes(b"dear")
    shared.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        shared.reserve("index")
    assert (tmp_path / "elsewhere").read_bytes() == b"dear"


def test_the_folder_is_this_users() -> None:
    assert usual_folder().name.startswith("psgcrawl-budgets-")


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_a_mistake(rate: float) -> None:
    with pytest.raises(ValueError, match="not above 0"):
        limits_of(24, rate)


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_and_a_log_a_line_a_minute(clock: Clock) -> None:
    terminal, log = Terminal(), io.StringIO()
    bars, told = Progress(terminal, 4, clock), Progress(log, 4, clock)
    for number in range(4):
        clock.now += 40
        bars.step(refused=number == 1)
        told.step(refused=number == 1)
    bars.end()
    told.end()
    assert "[######################........] captures: 3 of 4, 1 refused, about 40 s left" in terminal.getvalue()
    assert log.getvalue().splitlines() == [
        "captures: 2 of 4, 1 refused, about 1 min left",
        "captures: 4 of 4, 1 refused, about 0 s left",
    ]


def test_several_machines_keep_one_budget_by_the_time_of_day(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Budgets(tmp_path, "a", {"index": (1, 60.0)}, clock, machines=True)
    assert one.reserve("index") == 0
    monkeypatch.setattr("psgcrawl.webarchive.budgets._boot", lambda: "another machine's start")
    other = Budgets(tmp_path, "a", {"index": (1, 60.0)}, clock, machines=True)
    assert other.reserve("index") == 60
