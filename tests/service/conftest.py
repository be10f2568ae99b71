"""Servers that several service tests share: started once, when the first test asks for one."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests import crawls
from tests.service.replaying import Pywb
from tests.service.wordpress.server import WordPress
from tests.webarchives import PAST, warcs


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that the packaged samples become; only to be read."""
    archive = tmp_path_factory.mktemp("archive")
    ran = crawls.crawl(archive)
    assert ran.code == 0, ran.err
    return archive


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a pywb whose collection ``psg`` holds the past of the tests."""
    folder = tmp_path_factory.mktemp("past")
    with Pywb(folder / "pywb", exact=True) as server:
        server.add("psg", *warcs.write(PAST.all, folder))
        server.start()
        yield server.address


@pytest.fixture(scope="session")
def _wordpress() -> Generator[WordPress]:
    with WordPress() as server:
        yield server


@pytest.fixture
def wordpress(_wordpress: WordPress) -> Generator[WordPress]:
    """A WordPress with the posts of ``tests/service/wordpress/posts.py``; what a test changes is undone after it."""
    yield _wordpress
    _wordpress.restore()
