"""Captures in files."""

from base64 import b32encode
from collections.abc import AsyncIterator, Mapping
from hashlib import sha1, sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

from psgcrawl import layouts
from psgcrawl.errors import BadCapture, UnreadablePage, UsageError
from psgcrawl.files import FileCapture, find
from psgcrawl.records import Page
from psgcrawl.run import run_of
from psgcrawl.spiders.base import ArchiveSpider


class CapturesSpider(ArchiveSpider):
    """Captures of listing pages that lie in files.

    Source
        ``.txt`` (the text form of the oldest captures), ``.html``, ``.htm``; a sidecar
        ``captures.jsonl`` says what each is (see :mod:`psgcrawl.files`).
    Arguments
        ``path``: a file, or a folder that is read recursively. Without it: the packaged
        samples.
    Caveats
        Captures without a time are only bounded; each becomes a snapshot of its own.
        Files never prove that a home page was seen whole.
    """

    name = "captures"
    arguments: ClassVar[Mapping[str, str]] = {"path": "a file or a folder of captures; without it the packaged samples"}

    def __init__(self, path: str | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        super().__init__(**kwargs)
        self.path = path

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for an unknown argument, and where ``path`` holds no capture."""
        super().check_arguments(given)
        path = given.get("path")
        # Nothing at the path is the caller's mistake, found before anything is written.
        next(iter(find(*_root(path))), None)

    async def start(self) -> AsyncIterator[Any]:
        """Yield a page for each capture, in the order of their names."""
        run = run_of(self.crawler)
        for capture in find(*_root(self.path)):
            if isinstance(capture, BadCapture):
                run.bad(str(capture))
                continue
            try:
                page = read(capture, run.started)
            except (BadCapture, UnreadablePage) as error:
                run.bad(str(error))
                continue
            yield page


def _root(path: str | None) -> tuple[Traversable, str]:
    if path is None:
        return files("psgcrawl") / "samples", "samples"
    if not path:
        raise UsageError("path: an empty name is no file and no folder")
    try:
        return Path(path).expanduser(), str(path)
    except RuntimeError as error:
        raise UsageError(f"path: {path!r}: {error}") from error


def read(capture: FileCapture, now: str) -> Page:
    """Return the page in a file, its entries as the layout read them.

    :param now: RFC 3339 UTC; no capture is younger.
    :raises BadCapture: for a file that cannot be read, or that says it is from the future.
    :raises UnreadablePage: for bytes that are no page.
    """
    body = capture.read()
    try:
        reading = layouts.read(body, media_type=capture.media_type, url=capture.url)
    except UnreadablePage as error:
        raise UnreadablePage(f"{capture.place}: {error}") from error
    collection, position = capture.where()
    captured, basis = capture.captured()
    if captured.since > now:
        raise BadCapture(f"{capture.place}: its sidecar says that it was captured in the future: {captured.since}")
    return Page(
        collection=collection,
        url=capture.url,
        place=capture.place,
        captured=captured,
        captured_basis=basis,
        source="file",
        status=None,
        media_type=capture.media_type,
        encoding=reading.encoding,
        encoding_basis=reading.encoding_basis,
        sha256=sha256(body).hexdigest(),
        payload_digest="sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()).decode("ascii"),
        layout=reading.layout,
        fields=reading.fields,
        position=position,
        problems=reading.problems,
        title=capture.title,
        note=capture.note,
        raw=reading.entries,
    )
