"""``deploy/``: each file is one of its kind, and every command, option and path in it exists."""

import configparser
import importlib
import re
import shlex
import stat
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from psgcrawl.cli import COMMANDS
from tests.crawls import PROJECT

DEPLOY: Final = PROJECT / "deploy"
FILES: Final = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
HOME: Final = "/srv/psgcrawl"
"""The project's folder in all of them."""
OF_THE_MACHINE: Final = {"/bin/sh"}
SPIDERS: Final = {path.stem for path in (PROJECT / "psgcrawl" / "spiders").glob("*.py")}
TYPED: Final = re.compile(r"(?:\S*\.venv/bin/)(scrapy|psgcrawl)\s+([^;|&)\n]*)")

files = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))


def uncommented(path: Path) -> str:
    """Return a file without its lines of comment."""
    return "\n".join(line for line in path.read_text("ascii").splitlines() if not line.lstrip().startswith("#"))


def units() -> dict[str, configparser.RawConfigParser]:
    found = {}
    for path in sorted((DEPLOY / "systemd").iterdir()):
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd have capitals
        parser.read_string(path.read_text("ascii"))
        found[path.name] = parser
    return found


def test_there_is_something_for_each_way() -> None:
    assert {path.relative_to(DEPLOY).parts[0] for path in FILES} == {"systemd", "cron", "github", "scrapyd"}


@files
def test_a_file_is_plain_says_what_it_is_and_is_no_program(path: Path) -> None:
    text = path.read_bytes()
    assert text.isascii()
    assert text.endswith(b"\n")
    assert not text.endswith(b"\n\n")
    assert text.startswith(b"# ")
    assert not path.stat().st_mode & stat.S_IXUSR


@files
def test_every_command_that_a_file_names_exists(path: Path) -> None:
    for program, rest in TYPED.findall(uncommented(path)):
        words = shlex.split(rest.replace('"', "").split(" 2>")[0])
        if program == "psgcrawl":
            assert words[0] in COMMANDS, rest
        else:
            assert words[0] == "crawl"
            assert words[1] in SPIDERS | {"%i"}, rest
            assert all(value.partition("=")[0].isupper() for option, value in pairwise(words) if option == "-s")


@files
def test_every_file_of_the_project_that_a_file_names_exists(path: Path) -> None:
    for name in re.findall(rf"{HOME}/((?:docs|deploy|psgcrawl)/[\w./-]+)", path.read_text("ascii")):
        assert (PROJECT / name).exists(), name
    for name in re.findall(r"(?<![\w/.])((?:docs|\.ci)/[\w.-]+)", path.read_text("ascii")):
        assert (PROJECT / name.rstrip(".")).exists(), name


def test_the_readers_see_what_is_wrong() -> None:
    line = "cd /srv && .venv/bin/scrapy crawl nothing -s CONTACT=x 2>&1 || .venv/bin/psgcrawl stat"
    assert TYPED.findall(line) == [("scrapy", "crawl nothing -s CONTACT=x 2>"), ("psgcrawl", "stat")]
    assert "nothing" not in SPIDERS


# --- systemd --------------------------------------------------------------------------


def test_every_timer_has_its_service_and_every_failure_tells_somebody() -> None:
    found = units()
    timers = [name for name in found if name.endswith(".timer")]
    assert len(timers) == 2
    for name in timers:
        service = found[name.replace(".timer", ".service")]
        assert service["Unit"]["OnFailure"] == "psgcrawl-alert@%n.service"
        assert found[name]["Install"]["WantedBy"] == "timers.target"
    assert "psgcrawl-alert@.service" in found


def test_a_crawl_can_write_into_the_archive_and_nowhere_else() -> None:
    service = units()["psgcrawl@.service"]["Service"]
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", f"{HOME}/output")
    assert (service["NoNewPrivileges"], service["PrivateTmp"], service["User"]) == ("yes", "yes", "psgcrawl")
    status = units()["psgcrawl-status.service"]["Service"]
    assert "ReadWritePaths" not in status
    assert (status["ProtectSystem"], status["PrivateNetwork"]) == ("strict", "yes")


# --- cron -----------------------------------------------------------------------------


def jobs() -> Iterator[tuple[str, str]]:
    """Yield user and command of each job."""
    for line in uncommented(DEPLOY / "cron" / "psgcrawl").splitlines():
        if line and not re.match(r"[A-Z_]+=", line):
            *times, user, command = line.split(None, 6)
            assert len(times) == 5
            assert all(re.fullmatch(r"[\d*/,-]+", time) for time in times)
            yield user, command


def test_a_job_of_cron_is_sound_shell_and_cron_reads_it_whole() -> None:
    found = list(jobs())
    assert [user for user, _ in found] == ["psgcrawl", "psgcrawl"]
    for _, command in found:
        assert "%" not in command, "cron makes a line feed of it"
        assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


@pytest.mark.parametrize(("code", "said"), [(0, ""), (3, "scrapy crawl posts: exit 3: it went wrong\n")])
def test_cron_is_told_of_what_went_wrong_alone(tmp_path: Path, code: int, said: str) -> None:
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "scrapy").write_text(f"#!/bin/sh\necho it went wrong >&2\nexit {code}\n")
    (programs / "scrapy").chmod(0o755)
    _, command = next(jobs())
    here = command.replace(HOME, str(tmp_path)).replace("/run/lock", str(tmp_path))
    ran = subprocess.run(
        ["sh", "-c", here], env={"PATH": "/usr/bin:/bin", "CONTACT": "a"}, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == (said, "")


def test_the_lock_of_cron_keeps_a_second_crawl_from_starting(tmp_path: Path) -> None:
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "scrapy").write_text("#!/bin/sh\ntouch started\n")
    (programs / "scrapy").chmod(0o755)
    _, command = next(jobs())
    here = command.replace(HOME, str(tmp_path)).replace("/run/lock", str(tmp_path))
    lock = tmp_path / "psgcrawl-posts.lock"
    environ = {"PATH": "/usr/bin:/bin", "CONTACT": "a"}
    held = subprocess.run(
        ["flock", str(lock), "sh", "-c", here], env=environ, capture_output=True, text=True, check=False
    )
    assert held.stdout == "scrapy crawl posts: exit 5: \n"
    assert not (tmp_path / "started").exists()


# --- workflows ------------------------------------------------------------------------

WORKFLOWS: Final = sorted([*(PROJECT / ".github" / "workflows").glob("*.yml"), DEPLOY / "github" / "crawl.yml"])


def workflow(path: Path) -> dict[Any, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed here")
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one_and_its_steps_are_sound_shell(path: Path) -> None:
    found = workflow(path)
    # YAML 1.1 takes the key for a truth.
    assert {"name", True, "permissions", "concurrency", "jobs"} <= set(found)
    for job in found["jobs"].values():
        assert job["timeout-minutes"] > 0
        for step in job["steps"]:
            assert len({"uses", "run"} & set(step)) == 1
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", step["uses"])
            else:
                script = re.sub(r"\$\{\{[^}]*\}\}", "0", step["run"])
                checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True, check=False)
                assert (checked.returncode, checked.stderr) == (0, "")


def step(name: str) -> str:
    """Return the script of a step of the workflow that crawls."""
    steps = workflow(DEPLOY / "github" / "crawl.yml")["jobs"]["crawl"]["steps"]
    [found] = [str(one["run"]) for one in steps if one.get("name", "").startswith(name)]
    return found


@pytest.mark.parametrize(
    ("private", "publish", "code"), [("true", "", 0), ("false", "", 1), ("false", "yes", 0), ("", "", 1)]
)
def test_an_archive_is_private_unless_a_person_decided_otherwise(
    tmp_path: Path, private: str, publish: str, code: int
) -> None:
    (tmp_path / "gh").write_text(f"#!/bin/sh\necho {private}\n")
    (tmp_path / "gh").chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PUBLISH": publish, "GITHUB_REPOSITORY": "a/b"}
    ran = subprocess.run(
        ["bash", "-e", "-c", step("The archive is private")], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == code
    assert ran.stdout.startswith("::error::") is (code == 1)


# --- scrapyd --------------------------------------------------------------------------


def test_scrapyd_listens_to_this_machine_and_finds_the_settings() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(DEPLOY / "scrapyd" / "scrapyd.conf")
    assert parser["scrapyd"]["bind_address"] == "127.0.0.1"
    assert importlib.import_module(parser["settings"]["psgcrawl"]).BOT_NAME == "psgcrawl"
