"""The program's log: one record is one line, whatever pages and servers say, for people and for programs."""

import io
import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given as for_all
from hypothesis import strategies
from scrapy.settings import Settings

from psgcrawl.loglines import JsonLines, PlainLines, handler_for
from tests.captures.making import NEWS, fill
from tests.crawls import crawl, run, together

FORGED: Final = "ERROR psgcrawl.run: everything is lost"
HOSTILE: Final = {
    "newline": f"a\n{FORGED}",
    "carriage": f"a\r{FORGED}",
    "both": f"a\r\n{FORGED}",
    "next-line": f"a\x85{FORGED}",
    "separators": f"a\u2028{FORGED}\u2029{FORGED}",
    "page": f"a\x0c{FORGED}\x0b{FORGED}\x1c{FORGED}",
    "terminal": f"a\x1b[2J\x1b]0;x\x07\x1b[1A\r{FORGED}",
    "erase": "a\b\b\b\b\x7f\x7f",
    "bidi": "a\u202e\u2066gnp.exe\u200f",
    "nul": "a\0b",
    "surrogate": "a\udce9\ud800b",
    "json": 'a","level":"ERROR","message":"b"}\n{"level":"ERROR"}',
    "format": "%(message)s %s %d {0}",
    "huge": "x\n" * 10_000,
    "wide": "Perú 秘鲁 \U0001f999",
}


def logged(formatter: logging.Formatter, message: str, *args: object, **kwargs: Any) -> str:
    """Return what a handler with that formatter writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger("tests.loglines")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        logger.warning(message, *args, **kwargs)
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
    return stream.getvalue()


hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


@hostile
def test_for_people_only_the_first_line_of_a_message_stands_at_the_margin(text: str) -> None:
    written = logged(PlainLines("%(levelname)s %(name)s: %(message)s"), "title: %s", text)
    first, *further = written.removesuffix("\n").split("\n")
    assert first.startswith("WARNING tests.loglines: title: ")
    assert all(line.startswith("    ") for line in further)
    assert len(further) == text.count("\n")
    assert written.replace("\n", "").isprintable()


@hostile
def test_for_programs_a_record_is_one_line_of_ascii(text: str) -> None:
    written = logged(JsonLines(), "title: %s", text)
    assert written.isascii()
    [line] = written.splitlines()
    record = json.loads(line)
    assert list(record) == ["time", "level", "logger", "message", "exception"]
    expected = text.encode("utf-8", "backslashreplace").decode("utf-8")
    assert (record["level"], record["logger"]) == ("WARNING", "tests.loglines")
    assert (record["message"], record["exception"]) == (f"title: {expected}", None)


@for_all(strategies.text(strategies.characters(), max_size=40))
def test_any_text_comes_back_out_of_json(text: str) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (text,), "name": text, "levelname": "INFO"})
    written = JsonLines().format(record)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["message"] == text.encode("utf-8", "backslashreplace").decode("utf-8")


def test_an_exception_is_a_field_for_programs_and_indented_for_people() -> None:
    def fail() -> None:
        raise ValueError(f"bad\n{FORGED}")

    for formatter in (JsonLines(), PlainLines("%(levelname)s: %(message)s")):
        written = ""
        try:
            fail()
        except ValueError:
            written = logged(formatter, "it failed", exc_info=True)
        lines = written.splitlines()
        if isinstance(formatter, JsonLines):
            [record] = [json.loads(line) for line in lines]
            assert record["exception"].startswith("Traceback (most recent call last):\n")
            assert record["exception"].endswith(f"ValueError: bad\n{FORGED}")
        else:
            assert lines[0] == "WARNING: it failed"
            assert f"    {FORGED}" in lines
            assert all(line.startswith("    ") for line in lines[1:])


def test_times_are_utc_with_milliseconds() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    said = json.loads(logged(JsonLines(), "now"))["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said)
    assert before <= datetime.fromisoformat(said) <= datetime.now(UTC)


SETTINGS: Final[dict[str, tuple[dict[str, Any], type[logging.Handler], type[logging.Formatter]]]] = {
    "usual": ({}, logging.StreamHandler, PlainLines),
    "json": ({"LOG_JSON": "True"}, logging.StreamHandler, JsonLines),
    "json-off": ({"LOG_JSON": "0"}, logging.StreamHandler, PlainLines),
    "file": ({"LOG_FILE": "run.log"}, logging.FileHandler, PlainLines),
    "none": ({"LOG_ENABLED": False}, logging.NullHandler, PlainLines),
}


@pytest.mark.parametrize(("given", "kind", "formatter"), SETTINGS.values(), ids=SETTINGS)
def test_the_settings_say_where_records_go(
    given: dict[str, Any],
    kind: type[logging.Handler],
    formatter: type[logging.Formatter],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    made = handler_for(Settings({"LOG_LEVEL": "ERROR"} | given))
    made.close()
    assert (type(made), type(made.formatter), made.level) == (kind, formatter, logging.ERROR)
    assert (tmp_path / "run.log").exists() is ("LOG_FILE" in given)


def test_each_run_adds_to_the_file_unless_it_is_told_not_to(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    for append, size in ((True, 1), (True, 2), (False, 1)):
        made = handler_for(Settings({"LOG_FILE": str(file), "LOG_FILE_APPEND": append}))
        made.handle(logging.makeLogRecord({"msg": "Perú", "levelname": "INFO"}))
        made.close()
        assert len(file.read_text("utf-8").splitlines()) == size


# --- whole crawls ---------------------------------------------------------------------

ITEM: Final = (
    "<html><body><ul><li><h3><a href='news-article-1.html'>{}</a></h3><p class='date'>01 March 2016</p>"
    "<p>The summary of the entry, long enough to be running text.</p></li></ul></body></html>"
)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Captures, of which one cannot be read and has a name that forges; Scrapy logs the page of the other."""
    folder = tmp_path / "given"
    sidecar = [{"file": "a.html", "url": NEWS, "captured_at": "2016-03-02T06:00:00Z"}]
    fill(folder, {"a.html": ITEM.format(f"A title&#10;{FORGED}"), f"b\n{FORGED}.html": b"", "captures.jsonl": sidecar})
    return folder


def test_the_log_of_a_whole_crawl_is_lines_of_json_and_the_summary_stays(tmp_path: Path, given: Path) -> None:
    words = ("-a", f"path={given}", "-s", "LOG_JSON=True", "-L", "DEBUG")
    file = tmp_path / "run.log"
    to_err, to_file = together(
        lambda: crawl(tmp_path / "one", *words), lambda: crawl(tmp_path / "two", *words, "--logfile", str(file))
    )
    for ran, written in ((to_err, to_err.err), (to_file, file.read_text("ascii"))):
        assert ran.code == 3
        assert "Next:" in ran.out
        records = [json.loads(line) for line in written.split("\n") if line and not line.startswith("archive: ")]
        assert records[0]["message"].startswith("Scrapy 2.")
        assert {"scrapy.utils.log", "psgcrawl.extensions.outcome"} <= {record["logger"] for record in records}
        assert any(record["level"] == "ERROR" and "empty" in record["message"] for record in records)
    # With the log elsewhere people are told on standard error.
    assert [line for line in to_file.err.splitlines() if line.startswith("psgcrawl: ")]


def test_the_log_for_people_cannot_be_forged_by_what_is_crawled(tmp_path: Path, given: Path) -> None:
    ran = crawl(tmp_path / "archive", "-a", f"path={given}", "-L", "DEBUG")
    assert ran.code == 3
    starts = re.compile(r"(?:DEBUG|INFO|WARNING|ERROR) [\w.]+: |archive: |    ")
    assert [line for line in ran.err.splitlines() if not starts.match(line)] == []
    assert not re.search(f"^{re.escape(FORGED)}", ran.err, re.MULTILINE)
    assert "everything is lost" in ran.err


PROGRAM: Final = """
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict({"ARCHIVE_DIR": sys.argv[1], "LOG_LEVEL": "DEBUG"}, "cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl("captures", path=sys.argv[2])
process.start()
"""


def test_the_log_of_another_program_that_crawls_cannot_be_forged_either(tmp_path: Path, given: Path) -> None:
    ran = run("-m", "tests.script", PROGRAM, str(tmp_path / "archive"), str(given))
    assert ran.code == 0
    assert not re.search(f"^{re.escape(FORGED)}", ran.err, re.MULTILINE)
    # Scrapy's own message of several lines.
    assert "Dumping Scrapy stats:\n    {'" in ran.err
