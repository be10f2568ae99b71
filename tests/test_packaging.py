"""What a person gets who installs the project: the wheel, the lock files, the ways in."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import psgcrawl
from psgcrawl import site

PROJECT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-service.txt")
BUILD = "import sys, setuptools.build_meta as backend; print(backend.build_wheel(sys.argv[1]))"
PYTHONS = ("3.11.9", "3.12.0", "3.13.0", "3.14.0")

every_lock = pytest.mark.parametrize("lock", LOCKS)


def locked(lock: str) -> dict[str, list[Requirement]]:
    """Return the pins of a lock file by package; several where they differ between Pythons or systems."""
    pins: dict[str, list[Requirement]] = {}
    for line in (PROJECT / lock).read_text(encoding="utf-8").splitlines():
        if re.match(r"[a-z0-9]", line):
            pin = Requirement(line.removesuffix("\\"))
            pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def wanted(*extras: str) -> list[Requirement]:
    """Return what pyproject.toml asks for: to run, to install without isolation, and the extras."""
    project = PYPROJECT["project"]
    lists = [project["dependencies"], PYPROJECT["dependency-groups"]["build"]]
    lists += [project["optional-dependencies"][extra] for extra in extras]
    return [Requirement(text) for texts in lists for text in texts]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy of what belongs to it: a build writes into the folder that it builds."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(PROJECT / name, copy)
    shutil.copytree(PROJECT / "psgcrawl", copy / "psgcrawl")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(copy)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(copy / built.stdout.split()[-1])


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return message_from_bytes(wheel.read(f"psgcrawl-{psgcrawl.__version__}.dist-info/METADATA"))


@pytest.mark.thorough
def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    package = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "psgcrawl").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == package
    assert held >= {"psgcrawl/py.typed", "psgcrawl/samples/captures/captures.jsonl"}


def test_the_wheel_carries_licence_and_notice(wheel: zipfile.ZipFile, metadata: Message) -> None:
    licences = f"psgcrawl-{psgcrawl.__version__}.dist-info/licenses"
    for name in ("LICENSE", "NOTICE"):
        assert wheel.read(f"{licences}/{name}") == (PROJECT / name).read_bytes()
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert metadata["License-Expression"] == "MIT AND LicenseRef-Peru-Support-Group-Texts"


def test_the_wheel_says_its_version_and_its_pythons(metadata: Message) -> None:
    assert metadata["Version"] == psgcrawl.__version__
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    points = wheel.read(f"psgcrawl-{psgcrawl.__version__}.dist-info/entry_points.txt").decode()
    assert points.split() == ["[console_scripts]", "psgcrawl", "=", "psgcrawl.cli:main"]


def test_notice_and_manifests_say_the_same_of_the_texts() -> None:
    notice = " ".join((PROJECT / "NOTICE").read_text(encoding="utf-8").split())
    for text in (notice, site.GROUP.rights):
        assert "the Peru Support Group's and their authors'" in text
        assert "independent of the group" in text


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.txt", ()), ("requirements-dev.txt", ("dev",)), ("requirements-service.txt", ("dev", "service"))],
    ids=LOCKS,
)
def test_a_lock_pins_everything_that_is_asked_for(lock: str, extras: tuple[str, ...]) -> None:
    pins = locked(lock)
    unmet = [
        str(need)
        for need in wanted(*extras)
        if not any(
            need.specifier.contains(pin.specifier.__iter__().__next__().version)
            for pin in pins.get(canonicalize_name(need.name), [])
        )
    ]
    assert not unmet, f"{lock} is out of date: make lock"


@every_lock
def test_every_line_of_a_lock_is_a_pin_with_its_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (PROJECT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[0-9][\w.]*( ; [^\\\n]+)? \\\n +--hash=sha256:[0-9a-f]{64}", entry), entry[:200]


@every_lock
def test_a_lock_names_no_index_and_no_machine(lock: str) -> None:
    text = (PROJECT / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|--(?:index|extra-index|find-links|trusted)|(?:^|\s)/\w+", text)


@every_lock
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_has_one_pin_a_package_for_each_python(lock: str, python: str) -> None:
    environment = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
    }

    def fits(pin: Requirement) -> bool:
        return pin.marker is None or pin.marker.evaluate(environment)

    pinned = locked(lock)
    for name, pins in pinned.items():
        assert sum(map(fits, pins)) <= 1, f"{lock}: {name} on {python}"
    for need in wanted():
        assert any(map(fits, pinned[canonicalize_name(need.name)]))


@pytest.mark.parametrize(("smaller", "larger"), [LOCKS[:2], LOCKS[1:]], ids=["run-in-dev", "dev-in-service"])
def test_a_larger_lock_holds_the_smaller_one_pin_by_pin(smaller: str, larger: str) -> None:
    held = locked(larger)
    for name, pins in locked(smaller).items():
        # Where a further package needs it everywhere, it has no condition there any more.
        assert {pin.specifier for pin in held.get(name, [])} == {pin.specifier for pin in pins}, name
        assert all(pin.marker is None for pin in held[name]) or held[name] == pins, name
