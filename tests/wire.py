"""A server that answers with the very bytes that a test gives it, and then closes the connection."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Final

from tests.loopback import Loopback

_MISSING: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_TLS: Final = b"\x16\x03"


class Wire(Loopback):
    """``with Wire({"/path": b"HTTP/1.1 200 OK…"}) as wire:``; of several answers the last one is given again and again.

    None is no answer, for as long as the block lasts.
    """

    def __init__(self, answers: Mapping[str, bytes | Sequence[bytes] | None]) -> None:
        self.answers = {target: _several(given) for target, given in answers.items()}
        self.heads: list[bytes] = []
        """What was asked, up to the blank line."""
        server = ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        super().__init__(server)

    def url(self, target: str = "") -> str:
        """Return the address of a path and query."""
        return f"http://127.0.0.1:{self.port}{target}"

    def answer(self, head: bytes) -> bytes:
        """Return what a request gets, once that is due."""
        self.heads.append(head)
        answers = self.answers.get(head.split(b" ")[1].decode(), [_MISSING])
        if not answers:
            self._over.wait(30)
            return b""
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _several(given: bytes | Sequence[bytes] | None) -> list[bytes]:
    if given is None:
        return []
    return [given] if isinstance(given, bytes) else list(given)


def _handler(wire: Wire) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            # A client that hangs up is part of the game; one that speaks TLS gets no answer.
            with suppress(ConnectionError):
                head = b""
                while (line := self.rfile.readline()) and not line.startswith(_TLS):
                    head += line
                    if line == b"\r\n":
                        self.wfile.write(wire.answer(head))
                        return

    return Handler
