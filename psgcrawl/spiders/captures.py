"""Captures in files."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, closing
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

from psgcrawl.archive.warc.digests import name_of
from psgcrawl.archive.warc.spool import Member, Spool
from psgcrawl.captures.capture import Capture, observe
from psgcrawl.captures.files import FileCapture, Given, WarcFile, find
from psgcrawl.captures.gathered import holds_any
from psgcrawl.captures.warcs import Warcs
from psgcrawl.errors import BadCapture, UnreadablePage, UsageError
from psgcrawl.records import Page, Source, replace
from psgcrawl.run import Run, run_of
from psgcrawl.spiders.base import ArchiveSpider


class CapturesSpider(ArchiveSpider):
    """Captures of listing pages that lie in files.

    Source
        ``.txt`` (the text form of the oldest captures), ``.html``, ``.htm``; a sidecar
        ``captures.jsonl`` says what each is (see :mod:`psgcrawl.captures.sidecar`). ``.json``
        and ``.xml`` (WordPress's REST API and feed), where it names them.
        ``.warc``, ``.warc.gz``, ``.wacz``, whoever wrote them: their records of listing
        pages (see :mod:`psgcrawl.captures.warcs`).
    Arguments
        ``path``: a file, or a folder that is read recursively. Without it: the packaged
        samples.
    Caveats
        Captures without a time are only bounded; each becomes a snapshot of its own.
        Files never prove that a home page was seen whole.
    """

    name = "captures"
    source: ClassVar[Source] = "file"
    arguments: ClassVar[Mapping[str, str]] = {"path": "a file or a folder of captures; without it the packaged samples"}

    def __init__(self, path: str | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        super().__init__(**kwargs)
        self.path = path

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for an unknown argument, and where ``path`` holds no capture."""
        super().check_arguments(given)
        path, shown = _root(given.get("path"))
        # Nothing at the path is the caller's mistake, found before anything is written.
        if not any(not isinstance(found, WarcFile) or holds_any(found) for found in find(path, shown)):
            raise UsageError(f"path: {shown}: no capture of the site in it: no record of a listing page")

    async def start(self) -> AsyncIterator[Any]:
        """Yield a page for each capture, in the order of the files' names and of the records in each."""
        run = run_of(self.crawler)
        found = list(find(*_root(self.path)))
        files = [one for one in found if isinstance(one, WarcFile)]
        with ExitStack() as stack:
            warcs = stack.enter_context(closing(Warcs(files, run.evidence))) if files else None
            for one in found:
                for page in _pages(one, warcs, run):
                    if isinstance(page, BadCapture):
                        run.bad(str(page))
                    else:
                        yield page


def _pages(one: Given | BadCapture, warcs: Warcs | None, run: Run) -> Iterator[Page | BadCapture]:
    """Yield the pages in a file, and what is wrong with it."""
    if isinstance(one, BadCapture):
        yield one
    elif isinstance(one, FileCapture):
        try:
            yield read(one, run.evidence, run.started)
        except (BadCapture, UnreadablePage) as error:
            yield BadCapture(str(error))
    elif warcs is not None:
        yield from warcs.pages(one, run.started)
        passed_over = warcs.passed_over(one)
        if passed_over:
            run.passed_over(passed_over)


def _root(path: str | None) -> tuple[Traversable, str]:
    if path is None:
        return files("psgcrawl") / "samples", "samples"
    if not path:
        raise UsageError("path: an empty name is no file and no folder")
    try:
        return Path(path).expanduser(), str(path)
    except RuntimeError as error:
        raise UsageError(f"path: {path!r}: {error}") from error


def read(file: FileCapture, spool: Spool, now: str) -> Page:
    """Return the page in a file, its entries as the layout read them, once the file is kept as evidence.

    :param now: RFC 3339 UTC; no capture is younger.
    :raises BadCapture: for a file that cannot be read, or that says it is from the future.
    :raises UnreadablePage: for bytes that are no page.
    """
    body = file.read()
    collection, position = file.where()
    captured, basis = file.captured()
    if captured.since > now:
        raise BadCapture(f"{file.place}: its sidecar says that it was captured in the future: {captured.since}")
    page = observe(
        Capture(
            place=file.place,
            url=file.url,
            collection=collection,
            position=position,
            by_address=file.collection is None,
            captured=captured,
            captured_basis=basis,
            source="file",
            status=None,
            media_type=file.media_type,
            payload=body,
            content=body,
            title=file.title,
            note=file.note,
        )
    )
    record = spool.make.resource(
        file.url or name_of(body),
        captured.since if captured.known else now,
        file.media_type,
        body,
        captured=captured,
        basis=basis,
        collection=file.collection,
    )
    spool.add([Member.of(record)])
    return replace(page, record=record.id)
