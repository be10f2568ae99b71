"""All rows of hostile input, and how each is run."""

from typing import Final

from tests.hostile import archives, files, pages, posts
from tests.hostile.case import Row
from tests.hostile.running import Done, run

ROWS: Final[tuple[Row, ...]] = (*pages.ROWS, *posts.ROWS, *files.ROWS, *archives.ROWS)


def done(row: Row) -> Done:
    """Run a row."""
    return run(row, archives.prepared if row.spider is None else None)
