import os
from pathlib import Path

import pytest

from psgcrawl.jobs.processes import Processes
from psgcrawl.jobs.worker import Start
from tests import clusters
from tests.clusters import DaskCluster
from tests.scale import kills, rates


def seed() -> int:
    return int.from_bytes(os.urandom(4))


@pytest.mark.thorough
def test_a_rebuild_of_which_a_worker_is_killed_ends_the_same_byte_for_byte() -> None:
    figures = kills.torture(Processes(2), kills.kill_child, 1, "a sample", seed=seed(), size=(6, 4))
    assert figures.runs == 1
    assert figures.violations == []


@pytest.mark.service
@clusters.needed
@pytest.mark.parametrize("workers", [2, 4])
def test_a_rebuild_on_dask_of_which_a_worker_is_killed_ends_the_same(workers: int) -> None:
    from psgcrawl.jobs.cluster import Cluster  # noqa: PLC0415 - not everybody has Dask

    with DaskCluster(workers) as cluster:
        engine = Cluster(cluster.address, Start())
        figures = kills.torture(engine, cluster.kill_one, 3, "a sample", seed=seed(), ready=cluster.ready)
    assert figures.violations == []


@pytest.mark.service
def test_crawls_of_one_site_that_know_nothing_of_each_other_come_one_after_the_other(tmp_path: Path) -> None:
    seen = rates.crawls_of_one_site(tmp_path, Processes(2), ("news", "home"))
    assert seen.codes == (0, 0)
    assert seen.shortest > 0.8 * rates.DELAY


@pytest.mark.service
def test_backfills_at_once_keep_the_budget_of_the_web_archive_together(tmp_path: Path) -> None:
    seen = rates.backfills_of_one_web_archive(tmp_path, Processes(2), ("news", "articles"))
    assert 1 not in seen.codes
    assert seen.most <= rates.BUDGET + rates.LATE
