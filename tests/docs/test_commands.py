"""docs/commands.md names every command, spider, argument, setting and exit code that there is, and no other."""

import re
from pathlib import Path

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from psgcrawl import run, settings
from psgcrawl.cli import COMMANDS, TROUBLE
from tests.crawls import help_of

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of all tables of a section, header rows left out."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if re.match(r"\| [`\d]", line)]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_spider_is_described_with_its_arguments() -> None:
    loader = SpiderLoader(Settings({"SPIDER_MODULES": settings.SPIDER_MODULES}))
    described = {row[0].strip("`"): set(re.findall(r"`([a-z]+)`", row[2])) for row in _rows("scrapy crawl NAME")}
    assert described == {name: set(getattr(loader.load(name), "arguments", {})) for name in loader.list()}


def test_every_spider_is_a_data_sheet() -> None:
    loader = SpiderLoader(Settings({"SPIDER_MODULES": settings.SPIDER_MODULES}))
    for name in loader.list():
        sheet = loader.load(name).__doc__ or ""
        for part in ("Source\n", "Arguments\n", "Caveats\n"):
            assert part in sheet, f"{name}: no {part.strip()} in its docstring"


def test_every_command_is_described() -> None:
    rows = _rows("psgcrawl COMMAND")
    assert {row[0].strip("`") for row in rows} == set(COMMANDS)
    for name in COMMANDS:
        assert f"`psgcrawl {name}" in DOCUMENT
        assert name in {row[0].strip("`") for row in _rows("Exit codes")}


def test_every_option_of_every_command_is_described() -> None:
    for name in COMMANDS:
        shown = help_of(name)
        for option in set(re.findall(r"(?<![\w-])--[a-z-]+", shown)) - {"--help"}:
            assert option in DOCUMENT, f"psgcrawl {name} {option}"


def test_every_setting_of_our_own_is_described_with_its_default() -> None:
    rows = {row[0].strip("`"): row[1].strip("`") for row in _rows("Settings")}
    known_to_scrapy = set(Settings())
    own = {name for name in vars(settings) if name.isupper() and name not in known_to_scrapy}
    assert set(rows) == own
    for name, default in rows.items():
        assert default.replace("empty", "") == str(getattr(settings, name))


def test_every_exit_code_is_described() -> None:
    crawl = {int(row[0]) for row in _rows("Exit codes") if row[0].isdigit()}
    assert crawl == {run.COMMITTED, run.FAILED, TROUBLE, run.INCOMPLETE, run.REFUSED, run.BUSY}
