import os
import signal
import time
from pathlib import Path

import pytest

from psgcrawl.archive.manifest import WARC
from psgcrawl.errors import PsgcrawlError
from psgcrawl.rebuild import work
from psgcrawl.rebuild.outcomes import Failure, Found
from psgcrawl.rebuild.work import WORTHWHILE, examine_all, processors, worthwhile
from tests.crawls import command
from tests.rebuild.making import retitled, rewritten, several

WORKERS = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from psgcrawl.rebuild.work import _begin
if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_begin)
    print(*{pool.submit(os.getpid).result() for _ in range(9)}, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_results_come_in_the_order_of_the_snapshots(tmp_path: Path, jobs: int) -> None:
    snapshots = several(tmp_path, 4)
    rewritten(snapshots[1], entries=retitled)
    (snapshots[2].folder / WARC).unlink()
    one, two, three, four = examine_all(snapshots, jobs=jobs, contents=True)
    assert isinstance(one, Found)
    assert isinstance(two, Found)
    assert isinstance(four, Found)
    assert isinstance(three, Failure)
    assert [found.examined.snapshot for found in (one, two, four)] == [snapshots[n].name for n in (0, 1, 3)]
    assert three.snapshot == snapshots[2].name
    assert "no raw pages were kept" in three.problem
    assert (one.content, four.content) == (None, None)
    assert two.content is not None
    assert len(two.content.entries) == len(two.examined.entries) == 10


def test_contents_are_not_handed_over_where_nobody_wants_them(tmp_path: Path) -> None:
    [found] = examine_all([rewritten(several(tmp_path, 1)[0], entries=retitled)], jobs=1, contents=False)
    assert isinstance(found, Found)
    assert found.examined.due
    assert found.content is None


def test_nothing_is_nothing() -> None:
    assert list(examine_all([], jobs=8, contents=True)) == []


def test_there_are_as_many_processors_as_this_process_may_use() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)


def test_no_process_is_started_for_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "processors", lambda: 4)
    snapshots = several(tmp_path, 3)
    assert worthwhile(snapshots) == 1
    with (snapshots[0].folder / WARC).open("r+b") as file:
        file.truncate(2 * WORTHWHILE)
    assert worthwhile(snapshots) == 3
    with (snapshots[1].folder / WARC).open("r+b") as file:
        file.truncate(9 * WORTHWHILE)
    assert worthwhile(snapshots) == 4
    (snapshots[1].folder / WARC).unlink()
    assert worthwhile(snapshots) == 3


def test_a_worker_that_is_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_examined", _dies)
    with pytest.raises(PsgcrawlError, match="was killed"):
        list(examine_all(several(tmp_path, 2), jobs=2, contents=True))


def _dies(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "workers.py"
    script.write_text(WORKERS, encoding="utf-8")
    with command(str(script)) as process:
        assert process.stdout is not None
        workers = [int(number) for number in process.stdout.readline().split()]
        process.kill()
        assert workers
        deadline = time.monotonic() + 20
        while any(map(_runs, workers)):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Tell whether a process is at work: one that has ended can wait for ever for somebody to look."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
