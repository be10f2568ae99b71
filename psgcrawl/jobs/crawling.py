"""One crawl in a process of its own, which alone imports Scrapy."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from socket import gethostname
from tempfile import TemporaryFile
from typing import IO, Annotated, Final

from msgspec import Meta

from psgcrawl.errors import LeaseBusy
from psgcrawl.jobs.crawls import Crawl
from psgcrawl.jobs.queue import TRIES
from psgcrawl.manners.lease import lease

BUSY: Final = 5
FAILED: Final = 1
_TOLD: Final = 50
"""Lines of what a crawl said that are kept: its last ones."""
_LONGEST: Final = 1 << 16
_SETTINGS: Final = "SCRAPY_SETTINGS_MODULE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What became of a crawl, as ``psgcrawl run --json`` lists it."""

    name: Annotated[str, Meta(description="The job.")]
    spider: Annotated[str, Meta(description="Its spider.")]
    archive: Annotated[str, Meta(description="Folder of its archive.")]
    site: Annotated[str | None, Meta(description="The site that it asked; null for one that asks none.")]
    exit_code: Annotated[int, Meta(description="That of `scrapy crawl`.")]
    started: Annotated[str, Meta(description="When it was begun, RFC 3339 UTC: it had waited for its site by then.")]
    seconds: Annotated[float, Meta(description="What it took.")]
    tries: Annotated[int, Meta(description="How often its process was begun: again, where it was killed.")]
    host: Annotated[str, Meta(description="The machine on which it ran.")]
    summary: Annotated[list[str], Meta(description="The last lines that it wrote on standard output.")]
    messages: Annotated[list[str], Meta(description="The last lines that it wrote on standard error.")]


def crawl(job: Crawl) -> Crawled:
    """Do a crawl, once its site is free, and return what became of it.

    Its process holds the leases: on the site, and on the job itself. So neither is free
    before that process is gone, whatever becomes of this one.
    """
    began, clock = _now(), time.monotonic()
    try:
        with ExitStack() as stack:
            held = [stack.enter_context(lease(job.leases, name, job.patience)) for name in _names(job)]
            began, clock = _now(), time.monotonic()
            tries, code, out, err = _tried(job, held)
    except LeaseBusy as error:
        tries, code, out, err = 0, BUSY, [], [str(error)]
    return Crawled(
        name=job.name,
        spider=job.spider,
        archive=str(job.archive),
        site=job.site,
        exit_code=code,
        started=began,
        seconds=round(time.monotonic() - clock, 3),
        tries=tries,
        host=gethostname(),
        summary=out,
        messages=err,
    )


def command(job: Crawl) -> list[str]:
    """Return the command line of a crawl."""
    settings = {"COLLECTION_PATIENCE": f"{job.patience:g}", **job.settings, "ARCHIVE_DIR": str(job.archive)}
    return [
        *(sys.executable, "-m", "scrapy", "crawl", job.spider),
        *(word for name, value in job.arguments.items() for word in ("-a", f"{name}={value}")),
        *(word for name, value in settings.items() for word in ("-s", f"{name}={value}")),
    ]


def _names(job: Crawl) -> list[str]:
    """Return the names of its leases, the job's first: who waits for a site must not keep others from waiting, too."""
    said = json.dumps([str(job.archive), job.spider, sorted(job.arguments.items())])
    own = f"job-{sha256(said.encode()).hexdigest()[:32]}"
    return [own] if job.site is None else [own, job.site]


def _tried(job: Crawl, held: list[int]) -> tuple[int, int, list[str], list[str]]:
    """Start it, again where its process is killed; return the tries, its exit code, and what it wrote."""
    tries = 0
    while True:
        tries += 1
        with TemporaryFile() as out, TemporaryFile() as err:
            code = _run(job, held, out, err)
            told, problems = _last(out), _last(err)
        if code >= 0:
            return tries, code, told, problems
        if tries == TRIES:
            problems.append(f"its process was killed {TRIES} times, at last by signal {-code}")
            return tries, FAILED, told, problems


def _run(job: Crawl, held: list[int], out: IO[bytes], err: IO[bytes]) -> int:
    folder = job.folder if job.folder.is_dir() else job.archive
    with subprocess.Popen(  # noqa: S603 - no shell; the words are a spider and its arguments
        command(job),
        cwd=folder,
        env=_environment(folder, os.environ),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        pass_fds=held,
    ) as process:
        return process.wait()


def _environment(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Name the settings where no ``scrapy.cfg`` does."""
    has_project = any((one / "scrapy.cfg").is_file() for one in (folder, *folder.parents))
    return dict(environ) if has_project else {_SETTINGS: "psgcrawl.settings", **environ}


def _last(stream: IO[bytes]) -> list[str]:
    end = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, end - _LONGEST))
    return stream.read().decode("utf-8", "backslashreplace").splitlines()[-_TOLD:]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
