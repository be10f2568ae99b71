"""Where the archive is: one rule for the crawl and for every command."""

from collections.abc import Mapping
from pathlib import Path

from psgcrawl.errors import UsageError


def find_archive(explicit: str | None, environ: Mapping[str, str], cwd: Path, default: str = "output") -> Path:
    """Return the folder of the archive, absolute if ``cwd`` is; it need not exist.

    1. ``explicit`` (an option), relative to ``cwd``;
    2. ``PSGCRAWL_ARCHIVE`` in ``environ``, relative to ``cwd``; empty counts as unset;
    3. ``default`` (a setting), relative to the folder of the nearest ``scrapy.cfg`` at or above ``cwd``.

    :raises UsageError: when ``explicit`` or ``default`` is empty, or when a relative default has no
        ``scrapy.cfg`` to be relative to
    """
    if explicit is not None:
        if not explicit:
            raise UsageError("--archive: an empty name is no folder")
        return cwd / explicit
    if environ.get("PSGCRAWL_ARCHIVE"):
        return cwd / environ["PSGCRAWL_ARCHIVE"]
    if not default:
        raise UsageError("ARCHIVE_DIR: an empty name is no folder")
    if Path(default).is_absolute():
        return Path(default)
    project = _project_folder(cwd)
    if project is None:
        raise UsageError(
            f"{cwd}: no scrapy.cfg here or above, so it is not clear where the archive {default!r} is: "
            "name it with --archive DIR or PSGCRAWL_ARCHIVE, or make ARCHIVE_DIR absolute"
        )
    return project / default


def _project_folder(cwd: Path) -> Path | None:
    return next((folder for folder in (cwd, *cwd.parents) if (folder / "scrapy.cfg").is_file()), None)
