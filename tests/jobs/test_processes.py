import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from psgcrawl import site
from psgcrawl.errors import DamagedData, PsgcrawlError, UnfitWorker
from psgcrawl.jobs import Engine, Lost, in_order, processors
from psgcrawl.jobs.here import Here
from psgcrawl.jobs.processes import Processes
from psgcrawl.jobs.queue import TRIES
from psgcrawl.jobs.worker import Start
from psgcrawl.records import replace
from tests.crawls import PATIENCE, PROJECT
from tests.jobs.doing import Marked, called, damaged, double, mark, odd, process

WAITS = """
import signal, sys
from pathlib import Path
from psgcrawl.jobs.processes import Processes
from tests.jobs.doing import Marked, mark
if __name__ == "__main__":
    # Whoever runs the tests may have it ignored (a background job), and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(sys.argv[1])
    jobs = [Marked(folder, str(number), until=folder.with_name("over")) for number in range(9)]
    try:
        for number, found in Processes(2).results(mark, jobs):
            print(found, flush=True)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("engine", [Here(), Processes(1), Processes(3)], ids=["here", "one", "three"])
def test_every_engine_gives_the_same(engine: Engine) -> None:
    assert list(in_order(engine.results(double, range(7)))) == [0, 2, 4, 6, 8, 10, 12]


def test_there_are_as_many_processors_as_this_process_may_use() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)


def test_several_processes_are_at_work_and_each_does_many_jobs(tmp_path: Path) -> None:
    used = [found for _, found in Processes(2).results(process, [tmp_path] * 6)]
    assert len(used) == 6
    assert len(set(used)) == 2
    assert os.getpid() not in used


def test_a_job_whose_process_is_killed_is_tried_again(tmp_path: Path) -> None:
    jobs = [Marked(tmp_path, name, deaths=name == "b") for name in "abcd"]
    assert sorted(str(found) for _, found in Processes(2).results(mark, jobs)) == ["a", "b", "c", "d"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.0", "b.0", "b.1", "c.0", "d.0"]


def test_a_job_that_kills_its_process_each_time_is_given_up_and_the_others_are_done(tmp_path: Path) -> None:
    jobs = [Marked(tmp_path, name, deaths=99 * (name == "b")) for name in "abc"]
    one, two, three = in_order(Processes(2).results(mark, jobs))
    assert (one, three) == ("a", "c")
    assert isinstance(two, Lost)
    assert "killed 3 times, at last by signal 9" in two.problem
    assert len(list(tmp_path.glob("b.*"))) == TRIES


def test_jobs_of_one_lane_are_never_done_at_once(tmp_path: Path) -> None:
    jobs = [Marked(tmp_path, f"{lane}{number}", seconds=0.1) for lane in "ab" for number in range(3)]
    assert len(list(Processes(4).results(mark, jobs, lane=lambda job: job.name[0]))) == 6
    for lane in "ab":
        begun = [float((tmp_path / f"{lane}{number}.0").read_text().split()[1]) for number in range(3)]
        assert begun == sorted(begun)
        assert min(later - earlier for earlier, later in pairwise(begun)) >= 0.1


def test_an_exception_of_a_job_is_raised_as_it_was() -> None:
    with pytest.raises(DamagedData, match="number 1 is damaged"):
        list(Processes(2).results(damaged, range(3)))


def test_what_cannot_be_sent_is_told_in_words() -> None:
    with pytest.raises(PsgcrawlError, match="_Odd"):
        list(Processes(1).results(odd, [0]))


def test_a_worker_of_another_version_does_nothing() -> None:
    with pytest.raises(UnfitWorker, match="install the same version everywhere"):
        list(Processes(1, Start(software="psgcrawl 0.0.0")).results(double, [1]))


def test_workers_read_by_the_profile_of_who_starts_them() -> None:
    with site.using(replace(site.GROUP, called="another site", sha256="0" * 64)):
        assert [found for _, found in Processes(2).results(called, range(3))] == ["another site"] * 3
    assert [found for _, found in Processes(1).results(called, [0])] == [site.GROUP.called]


def test_nothing_is_nothing() -> None:
    assert list(Processes(2).results(double, [])) == []


def _begun(folder: Path) -> "subprocess.Popen[str]":
    """Start nine jobs in a process group of their own, and return when two have begun; they wait for ``over``."""
    script = folder / "script.py"
    script.write_text(WAITS, encoding="utf-8")
    (folder / "marks").mkdir()
    started = subprocess.Popen(
        [sys.executable, script, folder / "marks"],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE
    while sum(path.stat().st_size > 0 for path in (folder / "marks").iterdir()) < 2:
        assert started.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return started


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    with _begun(tmp_path) as started:
        workers = [int(path.read_text().split()[0]) for path in (tmp_path / "marks").iterdir()]
        started.kill()
    deadline = time.monotonic() + PATIENCE
    while any(map(_runs, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_control_c_lets_what_is_at_work_come_to_its_end_and_begins_nothing_more(tmp_path: Path) -> None:
    with _begun(tmp_path) as started:
        os.killpg(started.pid, signal.SIGINT)
        (tmp_path / "over").touch()
        out, _ = started.communicate(timeout=PATIENCE)
    assert sorted(out.splitlines()) == ["0", "1", "interrupted"]
    assert sorted(path.name for path in (tmp_path / "marks").iterdir()) == ["0.0", "1.0"]


def _runs(pid: int) -> bool:
    """Tell whether a process is at work: one that has ended can wait for ever for somebody to look."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
