"""Makes the picture of the report in the README: ``python docs/make_screenshots.py [FOLDER]``.

Crawls the packaged samples into a folder of its own, writes their report, and opens it
from disk in Chromium. With FOLDER the other pages are pictured, too, there: in the dark,
on a telephone. Needs the ``service`` extra and Debian's ``chromium``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parent.parent
PICTURE: Final = PROJECT / "docs" / "report.png"
ENTRY: Final = "entries/example/*/news-article-20.html"
VIEWS: Final[dict[str, tuple[str, int, int, bool]]] = {
    "overview": ("index.html", 1100, 1100, False),
    "overview-dark": ("index.html", 1180, 900, True),
    "overview-telephone": ("index.html", 375, 800, False),
    "changes": ("changes.html", 1180, 900, False),
    "entry": (ENTRY, 1180, 900, False),
    "entry-dark": (ENTRY, 1180, 900, True),
    "entry-telephone": (ENTRY, 375, 800, False),
    "search": ("search.html#q=river", 1180, 900, False),
    "collection": ("collections/example.html", 1180, 900, False),
    "list": ("lists/example/2026.html", 1180, 900, False),
    "about": ("about.html", 1180, 900, False),
}
"""What is pictured: page, width and height of the window, and whether in the dark."""


def report(folder: Path) -> Path:
    """Return the report of the packaged samples, made in ``folder``."""
    archive = folder / "output"
    for words in (
        ("-m", "scrapy", "crawl", "captures", "-s", f"ARCHIVE_DIR={archive}"),
        ("-m", "psgcrawl", "--archive", str(archive), "report"),
    ):
        subprocess.run([sys.executable, *words], check=True, cwd=PROJECT, capture_output=True)
    return folder / "report"


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - what it needs is said above

    options = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield started
        started.close()


def picture(started: Any, root: Path, view: str, path: Path, *, full: bool) -> None:  # noqa: ANN401 - playwright's
    """Write a picture of a page."""
    name, width, height, dark = VIEWS[view]
    pattern, _, fragment = name.partition("#")
    [page] = root.glob(pattern)
    context = started.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-GB"
    )
    window = context.new_page()
    window.goto(f"{page.as_uri()}#{fragment}" if fragment else page.as_uri())
    window.wait_for_timeout(500)
    window.screenshot(path=path, full_page=full)
    context.close()


def main() -> None:
    """Draw the pictures."""
    with tempfile.TemporaryDirectory() as folder, browser() as started:
        root = report(Path(folder))
        picture(started, root, "overview", PICTURE, full=False)
        for view in VIEWS if len(sys.argv) > 1 else ():
            Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
            picture(started, root, view, Path(sys.argv[1]) / f"{view}.png", full=True)


if __name__ == "__main__":
    main()
