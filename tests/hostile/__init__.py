"""A server on this machine that answers as badly as a test wants it to, also for as long as the client listens."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock
from time import monotonic
from typing import Final

from tests.loopback import Loopback

Stream = Callable[[], Iterator[bytes]]
"""What is sent piece by piece; the connection is closed at its end."""
Answer = bytes | Stream | None
"""None is silence, until the client hangs up."""
Answers = Answer | Sequence[Answer]
"""Of several the last is given again and again."""

MISSING: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    target: str
    at: float
    """By the monotonic clock."""
    head: bytes


class Hostile(Loopback):
    """``with Hostile({"/news.php": b"HTTP/1.1 200 OK…"}) as server:``; what has no answer is a 404."""

    def __init__(self, answers: Mapping[str, Answers], context: ssl.SSLContext | None = None) -> None:
        """Answer by path and query; with a ``context``, over TLS."""
        self.asked: list[Asked] = []
        self.most = 0
        """How many connections at once were being answered, at most."""
        self._answers: dict[str, list[Answer]] = {}
        self._lock = Lock()
        self._now = 0
        self._scheme = "http" if context is None else "https"
        server = _Server(("127.0.0.1", 0), _handler(self))
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        super().__init__(server)
        self.answer(answers)

    def url(self, target: str = "", host: str = "127.0.0.1") -> str:
        """Return the address of a path and query."""
        return f"{self._scheme}://{host}:{self.port}{target}"

    def answer(self, answers: Mapping[str, Answers]) -> None:
        """Answer these, too; ``{port}`` in bytes becomes its port."""
        for target, given in answers.items():
            several = [given] if given is None or isinstance(given, bytes) or callable(given) else list(given)
            port = str(self.port).encode()
            self._answers[target] = [one.replace(b"{port}", port) if isinstance(one, bytes) else one for one in several]

    def targets(self) -> list[str]:
        """Return what was asked for, in order."""
        with self._lock:
            return [asked.target for asked in self.asked]

    def serve(self, head: bytes) -> Iterator[bytes]:
        """Yield what a request gets."""
        target = head.split(b" ")[1].decode("latin-1")
        with self._lock:
            self.asked.append(Asked(target, monotonic(), head))
            self._now += 1
            self.most = max(self.most, self._now)
            left = self._answers.get(target, [MISSING])
            answer = left.pop(0) if len(left) > 1 else left[0]
        try:
            if answer is None:
                self._over.wait(30)
            elif isinstance(answer, bytes):
                yield answer
            else:
                yield from self._while_due(answer())
        finally:
            with self._lock:
                self._now -= 1

    def _while_due(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self._over.is_set():
                return
            yield piece


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks a connection off is part of the game."""


def _handler(server: Hostile) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                head = b""
                while line := self.rfile.readline():
                    head += line
                    if line == b"\r\n":
                        for piece in server.serve(head):
                            self.wfile.write(piece)
                        # Else what was not read would make a reset of the end.
                        self.connection.shutdown(socket.SHUT_WR)
                        return

    return Handler


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", sized: bool = True) -> bytes:
    """Return a response; with its length unless it is not ``sized``."""
    length = [f"Content-Length: {len(body)}"] if sized else []
    lines = [f"HTTP/1.1 {status}", *headers, *length, "", ""]
    return "\r\n".join(lines).encode() + body


def html(body: bytes, *headers: str, status: str = "200 OK", sized: bool = True) -> bytes:
    """Return a response with a page."""
    return answer(body, "Content-Type: text/html; charset=utf-8", *headers, status=status, sized=sized)


def moved(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return answer(b"", f"Location: {location}", status=status)
