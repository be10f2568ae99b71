"""What holds for every test: no network, no settings of the person who runs it, no skipped judge where one is due."""

import gc
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings

from tests.disks import unwaited
from tests.thorough import THOROUGH

UNAVAILABLE = "could not be fetched"
"""In the reason of a skipped service test: the machine has no way to what it needs."""

PROJECT = Path(__file__).resolve().parent.parent

# A slow machine is no failure, and a run tells the same twice: new examples are sought with --hypothesis-seed.
# The plain suite takes the same few examples each time; a thorough run takes many, each time others.
settings.register_profile("psgcrawl", deadline=None, derandomize=True, print_blob=True, max_examples=20)
settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("thorough" if THOROUGH else "psgcrawl")

# Where the person who runs the tests keeps an archive, and how Scrapy would be led elsewhere.
_PERSONAL = ("PSGCRAWL_ARCHIVE", "SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def project() -> Path:
    """The folder of ``scrapy.cfg``."""
    return PROJECT


@pytest.fixture(autouse=True, scope="session")
def _no_personal_settings() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _PERSONAL:
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Generator[None]:
    """Let sockets of this process reach this machine only: a test that needs more is wrong."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any, /) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            message = f"{address!r}: tests run offline"
            raise AssertionError(message)
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_disks() -> Generator[None]:
    """Let files be forced to disk as always, without waiting for it: that takes as long as the tests themselves."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "fdatasync"):
            # macOS has but one of them.
            patch.setattr(os, name, unwaited, raising=False)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for examples in docstrings only where there is one: to look takes longer than to run all of them."""
    collectors = yield
    if collectors and file_path.suffix == ".py" and b">>>" not in file_path.read_bytes():
        return [one for one in collectors if not isinstance(one, DoctestModule)]
    return collectors


def pytest_collection_finish() -> None:
    """Leave the tests themselves, and what they loaded, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive judges the files that they leave open (frictionless does), for as long as they judge."""
    for item in items:
        if item.get_closest_marker("service") is not None:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let judges clean up now, while it is forgiven, not in the middle of somebody else's test."""
    if item.get_closest_marker("service") is not None:
        gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``PSGCRAWL_REQUIRE_SERVICES=1`` a skipped ``service`` test fails: the judge was due and did not come."""
    report = yield
    due = os.environ.get("PSGCRAWL_REQUIRE_SERVICES") == "1" and item.get_closest_marker("service") is not None
    if due and report.skipped and not hasattr(report, "wasxfail") and UNAVAILABLE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped although PSGCRAWL_REQUIRE_SERVICES=1: {report.longrepr}"
    return report
