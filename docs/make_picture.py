"""Makes the picture in the README: ``python docs/make_picture.py`` (needs the ``dev`` extra).

Crawls the packaged samples into a folder of its own and draws what the terminal shows.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

PROJECT: Final = Path(__file__).resolve().parent.parent
PICTURE: Final = PROJECT / "docs" / "terminal.svg"
WIDTH: Final = 140
COMMANDS: Final = ("psgcrawl snapshots",)


def shown(command: str, archive: Path) -> str:
    """Return what ``command`` prints for people, run in an environment of its own."""
    program, *arguments = command.split()
    environ = {**os.environ, "PSGCRAWL_ARCHIVE": str(archive), "FORCE_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        capture_output=True, text=True, check=False, cwd=PROJECT, env=environ,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    """Draw the picture."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "output"
        crawl = [sys.executable, "-m", "scrapy", "crawl", "captures", "-s", f"ARCHIVE_DIR={archive}"]
        subprocess.run(crawl, check=True, cwd=PROJECT, capture_output=True)
        console = Console(record=True, width=WIDTH, file=sys.stderr, force_terminal=True)
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            console.print(Text.from_ansi(shown(command, archive)))
    PICTURE.write_text(console.export_svg(title="psgcrawl", unique_id="psgcrawl"), encoding="utf-8")


if __name__ == "__main__":
    main()
