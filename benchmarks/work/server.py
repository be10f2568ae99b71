"""A site of listing pages on this machine: ``python -m benchmarks.work.server PAGES`` prints its port.

It serves until its standard input ends. Pages are made before the first is asked for.
"""

import asyncio
import sys

from benchmarks.making.pages import address, page

HEAD = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


async def main(pages: int) -> None:
    """Serve."""
    answers = {
        address(number).encode(): _answer(b"200 OK", b"text/html; charset=utf-8", page(number, pages))
        for number in range(pages)
    }
    answers[b"/news.php?position=0"] = answers[b"/news.php"]
    answers[b"/robots.txt"] = _answer(b"200 OK", b"text/plain", b"User-agent: *\nDisallow: /login.php\n")
    missing = _answer(b"404 Not Found", b"text/html", b"<html><body>no such page</body></html>")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                writer.write(answers.get(request.split(b" ", 2)[1], missing))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def _answer(status: bytes, kind: bytes, body: bytes) -> bytes:
    return HEAD % (status, kind, len(body)) + body


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
