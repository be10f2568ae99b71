"""``JOBS.toml``: the crawls that ``psgcrawl run`` is to do.

::

    [defaults]
    archive = "output"                           # relative to the folder of this file
    settings = { CONTACT = "you@example.org" }

    [[job]]
    spider = "posts"
    arguments = { mode = "incremental" }
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from psgcrawl import profiles, site
from psgcrawl.errors import UsageError
from psgcrawl.manners.addresses import origin_of

LEASES: Final = ".leases"
"""The folder of leases in an archive, where the file names no other."""
PATIENCE: Final = 3600.0
"""Seconds that a crawl waits for its site, and for its collection, where the file says nothing else."""

_WITHOUT_SITE: Final = frozenset({"captures", "wayback"})
"""Spiders that ask no site: one reads files, the other asks a web archive, which has budgets of its own."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Name = Annotated[str, Meta(pattern=f"^{_NAME.pattern}$")]


class _Defaults(msgspec.Struct, forbid_unknown_fields=True):
    archive: str | None = None
    arguments: dict[str, str | int] = {}
    settings: dict[str, str | bool | int | float] = {}
    site: str | None = None


class _Job(_Defaults, forbid_unknown_fields=True):
    spider: str = ""
    name: Name | None = None


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    job: Annotated[list[_Job], Meta(min_length=1)]
    defaults: _Defaults = msgspec.field(default_factory=_Defaults)
    leases: str | None = None
    patience: Annotated[float, Meta(ge=0)] = PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl: a job."""

    name: str
    """Unique in its file."""
    spider: str
    arguments: dict[str, str]
    settings: dict[str, str]
    archive: Path
    """Absolute."""
    site: str | None
    """Host, and port where it is not the usual one, of the site that it asks; of one site one is crawled at a time."""
    leases: Path
    """Absolute."""
    patience: float
    """Seconds to wait for the site, and for the collection."""
    folder: Path
    """Where it is started: that of its file."""


def read(path: Path, archive: Path | None) -> list[Crawl]:
    """Return the crawls that a file names, in its order.

    :param archive: of jobs that name none
    :raises UsageError: for what is no such file: ``file: place: problem``
    """
    try:
        table = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Table)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {error}") from error
    archives = [_archive(path, job, table.defaults, archive) for job in table.job]
    leases = _leases(path, table, archives)
    crawls = [
        _crawl(path, job, table, archive=one, leases=leases) for job, one in zip(table.job, archives, strict=True)
    ]
    names = [crawl.name for crawl in crawls]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{path}: {twice[0]!r} is the name of {names.count(twice[0])} jobs: give each one of its own")
    return crawls


def _crawl(path: Path, job: _Job, table: _Table, *, archive: Path, leases: Path) -> Crawl:
    name = job.name or job.spider
    place = f"{path}: job {name!r}"
    if not _NAME.fullmatch(job.spider):
        raise UsageError(f"{place}: spider: {job.spider!r} is no spider's name")
    arguments = {**table.defaults.arguments, **job.arguments}
    settings = {**table.defaults.settings, **job.settings}
    for kind, given in (("arguments", arguments), ("settings", settings)):
        for variable in given:
            if not _VARIABLE.fullmatch(variable):
                raise UsageError(f"{place}: {kind}: {variable!r} is no name")
    if "ARCHIVE_DIR" in settings:
        raise UsageError(f"{place}: settings: ARCHIVE_DIR: it is named by 'archive'")
    words = {variable: str(value) for variable, value in arguments.items()}
    return Crawl(
        name=name,
        spider=job.spider,
        arguments=words,
        settings={variable: str(value) for variable, value in settings.items()},
        archive=archive,
        site=_site(place, job.spider, words, archive, job.site or table.defaults.site),
        leases=leases,
        patience=table.patience,
        folder=path.absolute().parent,
    )


def _archive(path: Path, job: _Job, defaults: _Defaults, usual: Path | None) -> Path:
    named = job.archive or defaults.archive
    if named:
        return path.absolute().parent / named
    if usual is None:
        raise UsageError(f"{path}: job {job.name or job.spider!r}: 'archive' is missing")
    return usual.absolute()


def _leases(path: Path, table: _Table, archives: Sequence[Path]) -> Path:
    if table.leases:
        return path.absolute().parent / table.leases
    if len(set(archives)) > 1:
        raise UsageError(
            f"{path}: leases: the jobs have {len(set(archives))} archives: name the folder in which all of them, and "
            "all other jobs of the same sites, tell each other which site is being crawled"
        )
    return archives[0] / LEASES


def _site(place: str, spider: str, arguments: dict[str, str], archive: Path, named: str | None) -> str | None:
    """Return of which site a job is, as host and port."""
    if named is None and spider in _WITHOUT_SITE:
        return None
    address = named or arguments.get("base") or _usual(archive, spider)
    if address is None:
        raise UsageError(f"{place}: site: which site it asks cannot be told: name it, or 'base' in its arguments")
    origin = origin_of(address if "://" in address else f"https://{address}/")
    if origin is None:
        raise UsageError(f"{place}: site: {address!r} is no host and no http or https address")
    host, port = origin
    return host if port is None else f"{host}:{port}"


def _usual(archive: Path, spider: str) -> str | None:
    """Return the address of the site that an archive is of; None where its pages have left the web."""
    profile = profiles.of(archive)
    if spider == site.POSTS and profile.wordpress:
        return profile.wordpress
    return None if profile.gone else profile.address
