"""A server on this machine, in a thread of its own, for as long as a block lasts."""

import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Event, Thread
from types import TracebackType
from typing import ClassVar, Self


class SiteServer(ThreadingHTTPServer):
    """The HTTP server of a site of the tests: one after another, they stand at the same address.

    Then the pages of two are the same bytes, and what was made of them is remembered (``tests.crawls.remembering``).
    """

    daemon_threads = True
    allow_reuse_port = False  # two that share a port would answer by turns
    _last: ClassVar[int] = 0

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        """Listen where the last one did, or, where somebody still does, anywhere."""
        try:
            super().__init__(("127.0.0.1", SiteServer._last), handler)
        except OSError:
            super().__init__(("127.0.0.1", 0), handler)
        SiteServer._last = SiteServer._last or self.server_port


class Loopback:
    """What the sites of the tests have in common: they listen on 127.0.0.1 until their block ends."""

    def __init__(self, server: BaseServer) -> None:
        """Serve by ``server``, which is bound to its port."""
        self._over = Event()
        """Set when the block ends: answers without end look at it."""
        self._server = server
        # Crawls that are cut off do not wait for their answers.
        server.handle_error = _without_those_who_left(server.handle_error)  # type: ignore[method-assign]
        self._thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])  # type: ignore[index]  # those of the internet are a host and a port


def _without_those_who_left(handle: Callable[..., None]) -> Callable[..., None]:
    """Return a handler of errors that prints nothing where a client went away before its answer was there."""

    def quieter(*given: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            handle(*given)

    return quieter
