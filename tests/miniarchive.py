"""A small web archive on this machine, in the dialect of the Internet Archive or in that of pywb.

``with MiniArchive() as archive:`` serves the captures of :mod:`tests.webarchives`,

================================  ===================  ===================================
what                              Internet Archive     pywb (``dialect="pywb"``)
================================  ===================  ===================================
index                             ``/cdx/search/cdx``  ``/psg/cdx``
a capture as it was taken         ``/web/TIMEid_/URL`` ``/psg/TIMEid_/URL``
one made ready to be shown        ``/web/TIME/URL``    ``/psg/TIME/URL``
its word to robots                ``/robots.txt``      ``/robots.txt``
================================  ===================  ===================================

and gives ``address`` for ``-a webarchive=``. It counts what it is asked, by kind and with times.
Limits, faults and refusals are switched on by its attributes; :data:`Fault` lists them.
"""

import gzip
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Final, Literal
from urllib.parse import parse_qs, urljoin, urlsplit

from tests.loopback import Loopback
from tests.webarchives import PAST, Taken, index
from tests.webarchives.taken import urlkey

Kind = Literal["index", "memento", "robots", "other"]
Dialect = Literal["internet-archive", "pywb"]

_REPLAY: Final = re.compile(r"/(?:web|psg)/([0-9]{1,14})(id_|)/(.+)\Z", re.DOTALL)
_EXCLUDED: Final = "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
_HOP_BY_HOP: Final = {"transfer-encoding", "content-length", "content-encoding", "content-type", "location"}


@dataclass(frozen=True)
class Asked:
    """A request that the archive answered."""

    kind: Kind
    target: str
    """Path and query, as asked for."""
    status: int
    headers: Mapping[str, str]
    """Of the request, names in lower case."""
    at: float
    """When, by the monotonic clock, in seconds."""


@dataclass(frozen=True)
class Answer:
    """What is sent back; the length of the body is added."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
    announced: int | None = None
    """The length that is announced, where the body is cut off."""

    def with_header(self, name: str, value: str) -> "Answer":
        """Return it with one more header."""
        return Answer(self.status, self.body, (*self.headers, (name, value)), self.announced)


Fault = Callable[["MiniArchive", Kind, str], Answer | None]
"""Gets the kind and the target of a request, and returns what is answered instead; None for the archive's own answer.

:func:`too_many`, :func:`broken`, :func:`slow` and :func:`moved` make one; :func:`refusing`, :func:`cut` and
:func:`forgetful` are one; :func:`after` lets one wait.
"""


@dataclass
class Limit:
    """How many requests of a kind are answered within a time; those above it get 429."""

    requests: int
    seconds: float
    retry_after: int | None = None
    """What a 429 says of it."""
    patience: int | None = None
    """After so many requests that ignored a 429, connections are refused."""
    _times: list[float] = field(default_factory=list)
    _ignored: int = 0

    def over(self, now: float) -> bool:
        """Note a request, and tell whether it is one too many."""
        self._times = [at for at in self._times if now - at < self.seconds]
        if len(self._times) >= self.requests:
            self._ignored += 1
            return True
        self._times.append(now)
        return False

    @property
    def lost_patience(self) -> bool:
        """Tell whether it has been ignored too often."""
        return self.patience is not None and self._ignored > self.patience


class MiniArchive(Loopback):
    """The archive."""

    def __init__(self, captures: tuple[Taken, ...] = PAST.all, dialect: Dialect = "internet-archive") -> None:
        """Serve ``captures``."""
        self.captures = captures
        self.dialect = dialect
        self.robots = Answer(404, b"Not Found")
        self.fault: Fault | None = None
        """How it misbehaves."""
        self.limits: dict[Kind, Limit] = {}
        self.excluded: set[str] = set()
        """Hosts (without ``www.``) that asked not to be shown."""
        self.unbounded = 100
        """Captures that a query without limit may have."""
        self.compresses = True
        """Whether answers are sent compressed to who accepts that, whatever the site sent."""
        self.on_request: Callable[[Kind, str], object] | None = None
        """Called with kind and target before the answer."""
        self.requests: list[Asked] = []
        self._lock = RLock()
        super().__init__(self._bound(0))

    def _bound(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        server.daemon_threads = True
        return server

    @property
    def address(self) -> str:
        """What ``-a webarchive=`` is given."""
        return f"http://127.0.0.1:{self.port}" + ("/psg/" if self.dialect == "pywb" else "")

    def memento(self, taken: Taken) -> str:
        """Return the address of a capture, as it was taken."""
        return f"http://127.0.0.1:{self.port}/{self._folder}/{taken.stamp}id_/{taken.url}"

    def asked(self, kind: Kind) -> list[Asked]:
        """Return the requests of a kind, in their order."""
        with self._lock:
            return [one for one in self.requests if one.kind == kind]

    def forget(self) -> None:
        """Count from here on."""
        with self._lock:
            self.requests.clear()

    def refuse(self) -> None:
        """Refuse connections, as a firewall does, until :meth:`accept`."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def accept(self) -> None:
        """Answer again, at the same address."""
        self._server = self._bound(self.port)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def refuse_soon(self) -> None:
        """Refuse connections once the request that is being answered is answered; to be called by faults."""
        Thread(target=self.refuse, daemon=True).start()

    # --- answers -----------------------------------------------------------------------

    @property
    def _folder(self) -> str:
        return "psg" if self.dialect == "pywb" else "web"

    def kind(self, target: str) -> Kind:
        """Return what a target asks for."""
        path = urlsplit(target).path
        if path == ("/psg/cdx" if self.dialect == "pywb" else "/cdx/search/cdx"):
            return "index"
        if path == "/robots.txt":
            return "robots"
        return "memento" if target.startswith(f"/{self._folder}/") and _REPLAY.match(target) else "other"

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        """Return what a request gets."""
        kind = self.kind(target)
        with self._lock:
            limit = self.limits.get(kind)
            if limit is not None and limit.over(time.monotonic()):
                if limit.lost_patience:
                    self.refuse_soon()
                return _too_many(limit.retry_after)
        if self.fault is not None:
            instead = self.fault(self, kind, target)
            if instead is not None:
                return instead
        if not headers.get("user-agent") and self.dialect == "internet-archive":
            return Answer(400, b"Bad Request: no user agent")
        return self.own(kind, target, headers)

    def own(self, kind: Kind, target: str, headers: Mapping[str, str]) -> Answer:
        """Return what a request gets from an archive that behaves."""
        if kind == "robots":
            return self.robots
        if kind == "index":
            return self._index(target)
        if kind == "memento":
            return self._replay(target, headers)
        return Answer(404, b"<html><body><h1>Not Found</h1></body></html>")

    def _index(self, target: str) -> Answer:
        query = parse_qs(urlsplit(target).query, keep_blank_values=True)
        for url in query.get("url", ()):
            if self._host(url) in self.excluded:
                return self._denied()
        if self.dialect == "pywb":
            said = index.pywb(self.captures, query)
        else:
            said = index.internet_archive(self.captures, query, unbounded=self.unbounded)
        return Answer(said.status, said.body, (("Content-Type", said.content_type),))

    def _replay(self, target: str, headers: Mapping[str, str]) -> Answer:
        match = _REPLAY.match(target)
        assert match is not None
        stamp, mode, url = match[1].ljust(14, "0"), match[2], match[3]
        url = re.sub(r"\A(https?:)/(?!/)", r"\1//", url)
        if self._host(url) in self.excluded:
            return self._denied()
        sessions = self.dialect == "pywb"
        key = urlkey(url, sessions=sessions)
        same = [one for one in self.captures if one.key(sessions=sessions) == key]
        if self.dialect == "pywb":
            # What leads to itself (http to https) is passed over, as pywb does, for the capture nearest to it.
            same = [one for one in same if one.location is None or urlkey(one.location, sessions=True) != key]
        if not same:
            return Answer(404, b"<html><body><h1>Not in this archive</h1></body></html>")
        nearest = min(same, key=lambda one: (_apart(one.stamp, stamp), one.url != url))
        if nearest.stamp != stamp:
            status = 307 if self.dialect == "pywb" else 302
            place = f"/{self._folder}/{nearest.stamp}{mode}/{nearest.url}"
            return Answer(status, b"", (("Location", f"http://127.0.0.1:{self.port}{place}"),))
        return self._memento(nearest, mode, headers)

    def _memento(self, taken: Taken, mode: str, headers: Mapping[str, str]) -> Answer:
        """Return a capture as the archive gives it: the site's own headers stand beside those of the archive."""
        prefix = "X-Archive-Orig-" if self.dialect == "pywb" else "x-archive-orig-"
        said: list[tuple[str, str]] = [(f"{prefix}{name.lower()}", value) for name, value in taken.headers()]
        said.append(("Memento-Datetime", f"{taken.moment:%a, %d %b %Y %H:%M:%S} GMT"))
        said.append(("Link", f'<{taken.url}>; rel="original"'))
        said += [
            (name, value) for name, value in taken.headers() if name.lower() not in _HOP_BY_HOP | {"date", "server"}
        ]
        if taken.content_type is not None:
            said.append(("Content-Type", taken.content_type))
        if taken.location is not None:
            said.append(("Location", self._led(taken, mode)))
        if mode == "":
            banner = b"<!-- BEGIN TOOLBAR INSERT --><div id='toolbar'>2,345 captures</div>"
            return Answer(taken.status, banner + taken.text, tuple(said))
        accepted = "gzip" in headers.get("accept-encoding", "")
        if accepted and (taken.gzipped or (self.compresses and taken.text)):
            # Its own compression is undone on the way; the site's is passed on.
            body = taken.payload if taken.gzipped else gzip.compress(taken.text, mtime=0)
            return Answer(taken.status, body, (*said, ("Content-Encoding", "gzip")))
        return Answer(taken.status, taken.text, tuple(said))

    def _led(self, taken: Taken, mode: str) -> str:
        """Return where a captured redirect leads: in the archive, where it rewrites such; as captured, where not."""
        assert taken.location is not None
        if self.dialect == "pywb":
            return taken.location
        target = urljoin(taken.url, taken.location)
        return f"http://127.0.0.1:{self.port}/web/{taken.stamp}{mode}/{target}"

    def _denied(self) -> Answer:
        headers = (("Content-Type", "text/html"), ("X-Archive-Wayback-Runtime-Error", _EXCLUDED))
        return Answer(403, f"<html><body>{_EXCLUDED}</body></html>".encode(), headers)

    def _host(self, url: str) -> str:
        name = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
        return name.removeprefix("www.")

    def _note(self, asked: Asked) -> None:
        with self._lock:
            self.requests.append(asked)


def _apart(one: str, other: str) -> float:
    return abs((_moment(one) - _moment(other)).total_seconds())


def _moment(stamp: str) -> datetime:
    """Return the time of a stamp; a month or a day that is not given is the first one."""
    fixed = stamp[:4] + (stamp[4:6].replace("00", "01") or "01") + (stamp[6:8].replace("00", "01") or "01") + stamp[8:]
    return datetime.strptime(fixed, "%Y%m%d%H%M%S")  # noqa: DTZ007 - all are UTC


def _too_many(retry_after: int | None) -> Answer:
    found = Answer(429, b"<html><body><h1>429 Too Many Requests</h1></body></html>")
    return found if retry_after is None else found.with_header("Retry-After", str(retry_after))


# --- how it misbehaves --------------------------------------------------------------------


def after(number: int, fault: Fault, *, kind: Kind = "memento", times: int | None = None) -> Fault:
    """Behave for ``number`` requests of the kind, then ``fault`` as often as ``times`` says (None: always)."""
    seen = 0

    def look(archive: MiniArchive, asked: Kind, target: str) -> Answer | None:
        nonlocal seen
        if asked != kind:
            return None
        seen += 1
        due = seen > number and (times is None or seen <= number + times)
        return fault(archive, asked, target) if due else None

    return look


def too_many(retry_after: int | None = None) -> Fault:
    """Say 429."""
    return lambda *_: _too_many(retry_after)


def broken(status: int = 503, headers: Mapping[str, str] | None = None) -> Fault:
    """Say that the archive itself is in trouble: there is no ``Memento-Datetime``."""
    said = (("Content-Type", "text/html"), *(headers or {}).items())
    return lambda *_: Answer(status, b"<html><body><h1>The archive is in trouble</h1></body></html>", said)


def refusing(archive: MiniArchive, _kind: Kind, _target: str) -> Answer | None:
    """Say 429 for the last time: who comes again finds connections refused."""
    archive.refuse_soon()
    return _too_many(None)


def cut(archive: MiniArchive, kind: Kind, target: str) -> Answer | None:
    """Hang up in the middle of an answer."""
    whole = archive.own(kind, target, {})
    return Answer(whole.status, whole.body[: len(whole.body) // 2], whole.headers, announced=len(whole.body))


def forgetful(archive: MiniArchive, kind: Kind, target: str) -> Answer | None:
    """Tell the first rows of an index again and again, and the same key with them."""
    return archive.own(kind, re.sub(r"&resumeKey=[^&]*", "", target), {}) if kind == "index" else None


def slow(seconds: float) -> Fault:
    """Answer late."""

    def wait(archive: MiniArchive, _kind: Kind, _target: str) -> Answer | None:
        archive._over.wait(seconds)
        return None

    return wait


def moved(from_: Taken, to: Taken) -> Fault:
    """Lead from one capture to another one, as an archive does that has lost the first."""

    def lead(archive: MiniArchive, _kind: Kind, target: str) -> Answer | None:
        if not archive.memento(from_).endswith(target):
            return None
        return Answer(302, b"", (("Location", archive.memento(to)),))

    return lead


def _handler(archive: MiniArchive) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind = archive.kind(self.path)
            if archive.on_request is not None:
                archive.on_request(kind, self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            at = time.monotonic()
            answer = archive.answer(self.path, headers)
            archive._note(Asked(kind, self.path, answer.status, headers, at))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            length = len(answer.body) if answer.announced is None else answer.announced
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing: ``MiniArchive.requests`` tells."""

    return Handler
