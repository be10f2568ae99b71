"""Locks of files between processes (``flock``), with a limit to the waiting."""

import fcntl
import time

from psgcrawl.errors import PsgcrawlError


def acquire(descriptor: int, busy: PsgcrawlError, *, patience: float, look: float) -> None:
    """Lock an open file, for as long as anybody holds it open; raise ``busy`` where another holds it for too long.

    :param patience: seconds to wait while another holds it
    :param look: seconds between two looks: asked for without waiting, again and again, for only so there is a limit
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise busy from error
            time.sleep(look)
        else:
            return
