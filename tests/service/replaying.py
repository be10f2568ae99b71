"""Programs that replay web archives, started on free ports of this machine: pywb, and ReplayWeb.page in Chromium."""

import html
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPConnection
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

import pytest

from tests.conftest import UNAVAILABLE

TOOLS = Path(sys.prefix)
"""Where ``.ci/service-tools`` puts what is no package of this environment."""

WAIT = 120
"""Seconds until a program must have answered; a browser's first start takes long on a busy machine."""


_VISITS = 4


@dataclass(frozen=True)
class Answer:
    """A response, its body as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def captured(self) -> str:
        """When the page that was replayed was captured, by the server's word."""
        moment = parsedate_to_datetime(self.headers["Memento-Datetime"]).astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def asked(address: str, path: str) -> Answer:
    """Ask a server of this machine."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


class Pywb:
    """pywb with its collections in a folder."""

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        """Keep collections in a new ``folder``; ``exact``: lead to the time of a capture instead of showing it."""
        self._programs = TOOLS / "pywb" / "bin"
        if not (self._programs / "wayback").is_file():
            pytest.skip(f"{self._programs} holds no pywb: `make service` installs it")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "pywb.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        folder.mkdir()
        config = f"framed_replay: false\nenable_memento: true\nredirect_to_exact: {str(exact).lower()}\n"
        (folder / "config.yaml").write_text(config, encoding="ascii")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def add(self, collection: str, *arguments: Path | str) -> None:
        """Make a collection out of WARC files or a WACZ."""
        self._manage("init", collection)
        self._manage("add", collection, *map(str, arguments))

    def start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "wayback"), "-b", "127.0.0.1", "-p", str(self._port), "-d", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + WAIT
        while True:
            try:
                asked(self.address, "/")
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(self._log.read_text(encoding="utf-8")) from None
                time.sleep(0.2)
            else:
                return

    def get(self, collection: str, stamp: str, url: str) -> Answer:
        """Ask for the bytes of a page at a time (``id_``: not rewritten)."""
        return asked(self.address, f"/{collection}/{stamp}id_/{url}")

    def _manage(self, *words: str) -> None:
        command = [str(self._programs / "wb-manager"), *words]
        ran = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's Chromium; skips the test where it, or what drives it, is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on this machine: `make service` installs it where it may")
    driver = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed here: `make service` installs it"
    )
    # Only as root has Chromium no sandbox; what it shows is made by these tests.
    options = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    options += ["--disable-component-update", "--disable-sync", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


class Browser:
    """Chromium with ReplayWeb.page, which is served from this machine together with the archives."""

    def __init__(self, folder: Path) -> None:
        programs = TOOLS / "replaywebpage"
        if not (programs / "ui.js").is_file():
            if (TOOLS / "replaywebpage.unavailable").exists():
                pytest.skip(f"ReplayWeb.page {UNAVAILABLE}: npm reaches no registry on this machine")
            pytest.skip(f"{programs} holds no ReplayWeb.page: `make service` fetches it")
        self._root = folder / "browser"
        (self._root / "replay").mkdir(parents=True)
        for name in ("ui.js", "sw.js", "replay/sw.js"):
            shutil.copy(programs / Path(name).name, self._root / name)
        self._stack = ExitStack()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def text(self, wacz: Path, url: str, stamp: str) -> str:
        """Return the text of a page that is replayed; an error when none appears in time."""
        attributes = f'url="{html.escape(url)}" ts="{stamp}" embed="replayonly"'
        return str(self._shown(wacz, attributes, partial(_replayed, stamp=stamp)))

    def listed(self, wacz: Path) -> list[tuple[str, str]]:
        """Return address and time (RFC 3339) of the pages that the archive's first view lists."""
        found: list[tuple[str, str]] = self._shown(wacz, "", _entries)
        return found

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            handler = partial(_Files, directory=str(self._root))
            self._server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
            stack.callback(self._server.shutdown)
            self._browser = stack.enter_context(chromium())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _opened(self, wacz: Path, attributes: str) -> Any:
        """Open the archive in a window without memory of others; closed as a context."""
        if not (self._root / wacz.name).exists():
            shutil.copy(wacz, self._root / wacz.name)
        (self._root / "index.html").write_text(
            f'<!doctype html><meta charset="utf-8"><script src="/ui.js"></script>'
            f'<replay-web-page style="display:block;height:90vh" source="/{wacz.name}" {attributes}></replay-web-page>',
            encoding="utf-8",
        )
        context = self._browser.new_context(viewport={"width": 1100, "height": 900})
        page = context.new_page()
        page.goto(self.address)
        return _Closing(context, page)

    def _shown(self, wacz: Path, attributes: str, look: Callable[[Any], Any]) -> Any:
        """Return what ``look`` finds in the archive's window.

        Now and then the service worker of ReplayWeb.page does not take hold on the first visit, and
        nothing at all is loaded: then the archive is opened again, in a new window.
        """
        seen: list[str] = []
        for _ in range(_VISITS):
            with self._opened(wacz, attributes) as page:
                end = time.monotonic() + WAIT / _VISITS
                while time.monotonic() < end:
                    page.wait_for_timeout(250)
                    found = look(page)
                    if found:
                        return found
                seen = [frame.url for frame in page.frames]
        raise AssertionError(f"nothing appeared on {_VISITS} visits within {WAIT} s; at last there was {seen}")


@dataclass
class _Closing:
    context: Any
    page: Any

    def __enter__(self) -> Any:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.context.close()


def _replayed(page: Any, stamp: str) -> str | None:
    """Return the text of the frame in which a page of that time is replayed."""
    for frame in page.frames:
        if f"/{stamp}mp_/" in frame.url:
            # A frame that is being replaced cannot be asked.
            text = _evaluated(frame, "() => document.body ? document.body.innerText : ''")
            if isinstance(text, str) and text.strip():
                return text
    return None


_LISTED = """() => {
    const found = [];
    const look = (root) => {
        for (const element of root.querySelectorAll('*')) {
            if (element.tagName === 'WR-PAGE-ENTRY' && element.page)
                found.push([element.page.url, new Date(element.page.ts).toISOString()]);
            if (element.shadowRoot) look(element.shadowRoot);
        }
    };
    look(document);
    return found;
}"""


def _entries(page: Any) -> list[tuple[str, str]]:
    for frame in page.frames:
        found = _evaluated(frame, _LISTED)
        if found:
            return [(url, moment.replace(".000Z", "Z")) for url, moment in found]
    return []


def _evaluated(frame: Any, program: str) -> Any:
    try:
        return frame.evaluate(program)
    except Exception as error:
        if type(error).__module__.startswith("playwright"):
            return None
        raise


class _Files(SimpleHTTPRequestHandler):
    """Serves files, and parts of them: ReplayWeb.page reads no more of an archive than it needs."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def send_head(self) -> BytesIO | BinaryIO | None:
        path = Path(self.translate_path(self.path))
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted is None or not path.is_file() or urlsplit(self.path).path.endswith("/"):
            return super().send_head()
        data = path.read_bytes()
        first, last = wanted.groups()
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last), len(data) - 1) if first and last else len(data) - 1
        if start >= len(data):
            self.send_error(416)
            return None
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        self.send_header("Content-Length", str(end - start + 1))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        return BytesIO(data[start : end + 1])
