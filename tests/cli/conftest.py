"""What the tests of all commands need."""

from pathlib import Path

import pytest

from psgcrawl import derive
from psgcrawl.captures.files import FileCapture, find
from psgcrawl.run import Run
from psgcrawl.spiders.captures import read

SAMPLES = Path(__file__).parents[2] / "psgcrawl" / "samples"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the packaged samples in it."""
    folder = tmp_path_factory.mktemp("archive")
    run = Run(folder, spider="captures", arguments={}, started="2026-03-09T00:00:00Z")
    for component in ("store", "ledger", "start"):
        run.report(component)
    for capture in find(SAMPLES, "samples"):
        assert isinstance(capture, FileCapture)
        run.yielded()
        page = read(capture, run.evidence, run.started)
        run.add(derive.bound(derive.normalise(derive.read_datelines(page)), run.started))
    assert run.finish("finished", "2026-03-09T00:00:01Z").exit_code == 0
    return folder
