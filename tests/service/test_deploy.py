"""``deploy/`` before programs of others: systemd, git."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests import crawls, live
from tests.crawls import PROJECT

pytestmark = pytest.mark.service

SYSTEMD: Final = PROJECT / "deploy" / "systemd"
GITHUB: Final = PROJECT / "deploy" / "github"


def needed(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here: `make service` needs it")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would be installed, templates as their instances, over an environment that is there."""
    folder = tmp_path / "units"
    folder.mkdir()
    for path in SYSTEMD.iterdir():
        text = path.read_text("ascii").replace("/srv/psgcrawl/.venv/bin/scrapy", sys.executable)
        text = text.replace("/srv/psgcrawl/.venv/bin/psgcrawl", sys.executable)
        (folder / path.name).write_text(text)
        if "@." in path.name:
            (folder / path.name.replace("@.", "@posts.")).write_text(text)
    return folder


def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    needed("systemd-analyze")
    paths = [str(path) for path in sorted(units.iterdir()) if "@." not in path.name]
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False, cwd=units
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_systemd_finds_what_is_wrong(units: Path) -> None:
    needed("systemd-analyze")
    wrong = units / "psgcrawl-status.service"
    wrong.write_text(wrong.read_text().replace("ProtectSystem=strict", "ProtectSystem=stricter"))
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(wrong)], capture_output=True, text=True, check=False, cwd=units
    )
    assert "stricter" in ran.stderr


@pytest.mark.parametrize(("name", "most"), [("psgcrawl@posts.service", 1.5), ("psgcrawl-status.service", 0.6)])
def test_systemd_counts_the_units_among_the_least_exposed(units: Path, name: str, most: float) -> None:
    needed("systemd-analyze")
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(units / name)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+) ", said)
    assert float(level) <= most


def test_an_archive_comes_out_of_git_as_it_went_in(tmp_path: Path) -> None:
    needed("git")
    there = tmp_path / "there"
    live.crawl(there / "output", live.listing(), "2019-10-01T06:00:00Z")
    live.crawl(there / "output", live.listing(title="X"), "2019-10-08T06:00:00Z", missed="position 40: no answer")
    for name in ("gitattributes", "gitignore"):
        shutil.copyfile(GITHUB / name, there / f".{name}")
    # As on a machine that means to help with line ends.
    git = ["git", "-c", "core.autocrlf=true", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "archive"]):
        subprocess.run([*git, *words], cwd=there, check=True, capture_output=True)
    subprocess.run([*git, "clone", "-q", str(there), str(tmp_path / "here")], check=True, capture_output=True)
    found = [
        {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.endswith("lock") and not path.is_symlink()
        }
        for folder in (there / "output", tmp_path / "here" / "output")
    ]
    assert found[0] == found[1]
    crawls.sound(tmp_path / "here" / "output")
    live.crawl(tmp_path / "here" / "output", live.listing(title="Y"), "2019-10-15T06:00:00Z")
    assert crawls.visible(tmp_path / "here" / "output")["news"] == ["20191001T060000Z", "20191015T060000Z"]
