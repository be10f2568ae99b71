"""docs/crawling.md names every setting that makes a live crawl safe and well-mannered."""

import re
from pathlib import Path

from psgcrawl import settings

PROJECT = Path(__file__).parents[2]
SOURCE = Path(settings.__file__).read_text(encoding="utf-8")
DOCUMENT = (PROJECT / "docs" / "crawling.md").read_text(encoding="utf-8")


def _section(name: str) -> str:
    """Return the lines of ``settings.py`` below the heading that begins with ``name``."""
    return SOURCE.partition(f"\n# --- {name} ")[2].partition("\n# --- ")[0]


def test_every_setting_for_safety_and_manners_is_described() -> None:
    names = re.findall(r"^([A-Z_]+)(?::[^=]+)? = ", _section("safety") + _section("manners"), re.MULTILINE)
    assert {"DOWNLOAD_MAXSIZE", "ROBOTSTXT_OBEY", "CRAWL_DELAY_MAX"} <= set(names)
    assert [name for name in names if f"`{name}`" not in DOCUMENT] == []


def test_the_defaults_that_it_gives_are_those() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| (`[^|]+`) \|", DOCUMENT, re.MULTILINE)
    assert len(rows) > 10
    for names, values in rows:
        given = re.findall(r"`([^`]+)`", values)
        for place, name in enumerate(re.findall(r"`([^`]+)`", names)):
            assert str(getattr(settings, name)) == given[min(place, len(given) - 1)], name
