"""Whole crawls that tell: after the commit, whatever the hook does, and from whichever start."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from shlex import join
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.exceptions import NotConfigured
from scrapy.exceptions import UsageError as ScrapyUsageError
from scrapy.settings import Settings

from psgcrawl.commands.crawl import Command
from psgcrawl.errors import UsageError
from psgcrawl.extensions import notify
from psgcrawl.run import Run
from tests import crawls
from tests.captures.making import NEWS, fill
from tests.crawls import crawl, crawl_here, logged, outcome_of
from tests.postcrawls import tick

PAGE: Final = (
    "<html><body><ul><li><h3><a href='news-article-1.html'>Title</a></h3><p class='date'>01 March 2016</p>"
    "<p>The summary of the entry, long enough to be running text.</p></li></ul></body></html>"
)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with one capture of a known time."""
    sidecar = [{"file": "a.html", "url": NEWS, "captured_at": "2016-03-02T06:00:00Z"}]
    fill(tmp_path / "given", {"a.html": PAGE, "captures.jsonl": sidecar})
    return tmp_path / "given"


def teller(tmp_path: Path, then: str = "") -> tuple[str, Path]:
    """Return a command that keeps what it is told and what the archive holds by then, and the file that it writes."""
    program = tmp_path / "tell.py"
    told = tmp_path / "told"
    program.write_text(
        "import json, pathlib, sys\n"
        "one = json.load(sys.stdin)\n"
        "one['there'] = (pathlib.Path(one['archive']) / str(one['collection']) / str(one['snapshot'])).is_dir()\n"
        f"open({str(told)!r}, 'a').write(json.dumps(one) + chr(10))\n{then}\n"
    )
    return join([sys.executable, str(program)]), told


def read(told: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []


def test_a_command_is_told_after_the_commit_and_a_second_time_nothing(tmp_path: Path, given: Path) -> None:
    command, told = teller(tmp_path)
    crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": command})
    [one] = read(told)
    assert (one["event"], one["collection"], one["there"]) == ("change", "news", True)
    assert one["line"] == logged(tmp_path / "archive")[0].sha256
    crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": command})
    assert len(read(told)) == 1


def test_a_hook_that_fails_changes_nothing_of_the_run(
    tmp_path: Path, given: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command, _ = teller(tmp_path, then="print('\\033[31mno'); sys.exit(9)")
    with_hook = crawl_here(tmp_path / "one", path=str(given), settings={"NOTIFY_COMMAND": command})
    said = capfd.readouterr()
    assert said.err == (
        f"psgcrawl: NOTIFY_COMMAND: change of news was not told: {sys.executable!r}: exit code 9: "
        "it said '\\x1b[31mno'\n"
    )
    assert said.out == ""
    without = crawl_here(tmp_path / "two", path=str(given))
    assert outcome_of(with_hook).exit_code == outcome_of(without).exit_code == 0
    assert crawls.visible(tmp_path / "one") == crawls.visible(tmp_path / "two")
    [line] = logged(tmp_path / "one")
    assert (line.outcome, line.reasons) == ("committed", [])


def test_trouble_and_recovery_of_whole_crawls(tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tick(monkeypatch)
    command, told = teller(tmp_path)
    (given / "bad.html").write_bytes(b"")
    for _ in range(2):
        crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": command})
    (given / "bad.html").unlink()
    for _ in range(2):
        crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": command})
    assert [(one["event"], one["collection"], one["exit_code"]) for one in read(told)] == [
        ("trouble", None, 3),
        ("change", "news", 3),
        ("trouble", None, 3),
        ("recovery", "news", 0),
    ]
    assert "bad.html" in read(told)[0]["reasons"][0]


def test_whatever_fails_while_telling_is_said_and_harms_nothing(
    tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no\nroom")

    monkeypatch.setattr(notify, "notifications", broken)
    crawler = crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": "true"})
    assert outcome_of(crawler).exit_code == 0
    assert capfd.readouterr().err == "psgcrawl: nothing was told: RuntimeError('no\\nroom')\n"


def test_a_run_that_was_never_decided_is_told(
    tmp_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Run, "finish", broken)
    command, told = teller(tmp_path)
    crawl_here(tmp_path / "archive", path=str(given), settings={"NOTIFY_COMMAND": command})
    [one] = read(told)
    assert (one["event"], one["outcome"], one["exit_code"], one["spider"]) == ("trouble", "failed", 1, "captures")


def test_without_hooks_the_extension_is_not_there() -> None:
    made: Any = SimpleNamespace(settings=Settings({"NOTIFY_ON": "change", "NOTIFY_TIMEOUT": 1}))
    with pytest.raises(NotConfigured) as error:
        notify.NotifyExtension.from_crawler(made)
    assert error.value.args == (), "with words Scrapy would warn at each crawl"
    made.settings.set("NOTIFY_ON", "everything")
    with pytest.raises(UsageError, match="NOTIFY_ON"):
        notify.NotifyExtension.from_crawler(made)


def test_a_wrong_hook_is_wrong_usage_before_anything_is_written(tmp_path: Path, given: Path) -> None:
    project = Settings()
    project.setmodule("psgcrawl.settings", priority="project")
    project.setdict({"ARCHIVE_DIR": str(tmp_path / "archive"), "NOTIFY_WEBHOOK": "hooks.example/s3cret"}, "cmdline")
    command = Command()
    # All that the command asks of its process before it begins.
    command.crawler_process = cast("Any", AsyncCrawlerRunner(project))
    options = Namespace(spargs={"path": str(given)}, output=None, overwrite_output=None)
    with pytest.raises(ScrapyUsageError, match=r"^NOTIFY_WEBHOOK: no http or https address") as error:
        command.run(["captures"], options)
    assert "s3cret" not in str(error.value)
    assert not (tmp_path / "archive").exists()


@pytest.mark.thorough
def test_the_log_of_a_crawl_shows_nothing_of_an_address(tmp_path: Path, given: Path) -> None:
    address = "http://name:pass-w0rd@127.0.0.1:1/s3cret"
    ran = crawl(
        tmp_path / "archive",
        *("-a", f"path={given}", "-s", f"NOTIFY_WEBHOOK={address}", "-L", "DEBUG"),
        environ={"PSGCRAWL_NOTIFY_SECRET": "k3y"},
    )
    assert ran.code == 0
    assert "psgcrawl: NOTIFY_WEBHOOK: http://127.0.0.1:1: change of news was not told: Conn" in ran.err
    for hidden in ("pass-w0rd", "s3cret", "k3y"):
        assert hidden not in ran.err + ran.out
        assert not any(hidden.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
