"""A file that is whole or absent: written under another name, renamed when all of it is on disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from psgcrawl.archive import durable
from psgcrawl.errors import NameTaken

_BUFFER: Final = 1 << 20


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Open a stream for the content of ``path``, which exists once the block ends, and not at all if that raises.

    :param force: put it in place of a file that exists
    :raises NameTaken: when ``path`` exists and ``force`` is not given; before the block where that can be known
    """
    if not force and os.path.lexists(path):
        raise NameTaken(f"{path}: exists already; --force replaces it")
    beside = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with beside.open("xb", buffering=_BUFFER) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if force:
            beside.replace(path)
            durable.sync_folder(path.parent)
        else:
            durable.rename_new(beside, path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()
