"""``site.toml``: the profile of another site, which lies at the top of its archive (``docs/another-site.md``).

Without such a file an archive is one of the Peru Support Group's listings. The file stays
where what it explains is: crawls, exports and what is derived again years later read by
the same rules, wherever they run.
"""

from pathlib import Path
from typing import Final

from psgcrawl import site
from psgcrawl.site import Site

NAME: Final = "site.toml"


def enter(archive: Path) -> Site:
    """Read and write by the profile of ``archive`` from now on, in this process; return it.

    :raises UsageError: ``file: key: value: problem``, for a profile that is wrong
    """
    profile = of(archive)
    # A file that was read again and is the same keeps what is remembered.
    if profile.sha256 is None or profile.sha256 != site.current().sha256:
        site.use(profile)
    return site.current()


def of(archive: Path) -> Site:
    """Return the profile of an archive; nothing is read or written by it.

    :raises UsageError: as :func:`enter` does
    """
    path = archive / NAME
    if not path.is_file():
        return site.GROUP
    # Every command asks, and few archives have one: what reads it takes a fifth of a command's start to import.
    from psgcrawl.profiles.reading import read  # noqa: PLC0415 - see above

    return read(path)
