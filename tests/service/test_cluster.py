"""Commands whose jobs a Dask cluster does."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from tests import clusters
from tests.clusters import DaskCluster
from tests.crawls import Ran, run
from tests.rebuild.making import editions, files, retitled, rewritten, several

pytestmark = [pytest.mark.service, clusters.needed]


@pytest.fixture(scope="module")
def cluster() -> Generator[DaskCluster]:
    with DaskCluster(2) as started:
        yield started


def psgcrawl(archive: Path, *words: str) -> Ran:
    return run("-m", "psgcrawl", "--archive", str(archive), *words)


def test_a_rebuild_commits_the_same_editions_as_one_process(tmp_path: Path, cluster: DaskCluster) -> None:
    archives = [tmp_path / "here", tmp_path / "there"]
    for archive in archives:
        for snapshot in several(archive, 6):
            rewritten(snapshot, entries=retitled)
    said = [
        psgcrawl(archive, "rebuild", "news", *words)
        for archive, words in zip(archives, (("--jobs", "1"), ("--scheduler", cluster.address)), strict=True)
    ]
    assert [one.code for one in said] == [0, 0], said[1].err
    assert said[0].out == said[1].out
    assert editions(archives[0]) == editions(archives[1])
    assert len(editions(archives[1])) == 12
    assert runlog.check(archives[1]) == []
    for name in ("entries.jsonl", "pages.jsonl", "pages.warc.gz"):
        one, other = ({path: data for path, data in files(one).items() if path.endswith(name)} for one in archives)
        assert one == other
    assert not list(archives[1].glob(".probe-*"))


def test_a_check_and_a_deep_verification_say_the_same_as_one_process(tmp_path: Path, cluster: DaskCluster) -> None:
    snapshots = several(tmp_path, 4)
    rewritten(snapshots[1], entries=retitled)
    (snapshots[2].folder / "entries.jsonl").write_bytes(b"{}\n")
    before = files(tmp_path)
    for words in (("rebuild", "news", "--check", "--json"), ("verify", "--deep", "--json")):
        here, there = psgcrawl(tmp_path, *words), psgcrawl(tmp_path, *words, "--scheduler", cluster.address)
        assert json.loads(here.out) == json.loads(there.out)
        assert here.code == there.code != 0
    assert files(tmp_path) == before


def test_files_of_several_collections_are_written_by_workers(tmp_path: Path, cluster: DaskCluster) -> None:
    several(tmp_path, 2)
    ran = psgcrawl(
        tmp_path, "export", "jsonl", "news", "--each", "-o", str(tmp_path / "out"), "--scheduler", cluster.address
    )
    assert ran.code == 0, ran.err
    assert len((tmp_path / "out" / "news.jsonl").read_bytes().splitlines()) == 10


def test_where_no_scheduler_answers_the_command_says_so(tmp_path: Path) -> None:
    several(tmp_path, 1)
    ran = run(
        *("-m", "psgcrawl", "--archive", str(tmp_path), "verify", "--scheduler", "tcp://127.0.0.1:1"),
        environ={"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"},
    )
    assert ran.code == 2
    assert "--scheduler tcp://127.0.0.1:1: no scheduler answers there" in ran.err
