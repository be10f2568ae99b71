"""The pages beside a listing: entries' own, and documents that they link."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import eq
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from psgcrawl import urls
from psgcrawl.captures.beside import page_beside
from psgcrawl.errors import UsageError
from psgcrawl.records import Entry, Page
from psgcrawl.run import run_of
from psgcrawl.spiders.base import LiveSpider, why

FOLLOW: Final = "`entries`: fetch the pages of new and edited entries too, and the documents that they link"
"""What the argument ``follow`` means."""

_DOCUMENT: Final = ".pdf"
_GONE: Final = [404, 410]
"""Statuses that say of an entry's page that it is gone: what was asked, not a failure."""


class BesideSpider(LiveSpider):
    """A spider that also asks for what its entries link, within limits. What it does not get is only a note.

    What an entry's page is, and what a page of the listing, each site has in its own way:
    :meth:`page_of_entry` and :meth:`is_listing`.
    """

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        super().__init__(**kwargs)
        self._asked: set[str] = set()
        self._left = 0
        self._shown: dict[str, Entry] = {}

    @classmethod
    def check_arguments(cls, given: Mapping[str, Any]) -> None:
        """Raise :class:`UsageError` for a wrong argument."""
        super().check_arguments(given)
        if given.get("follow", "entries") != "entries":
            raise UsageError(f"follow: {given['follow']!r} is not known; it can be entries")

    def page_of_entry(self, entry: Entry) -> str | None:
        """Return where the page of an entry is found; None for one that has none on the site."""
        raise NotImplementedError

    def is_listing(self, url: str) -> bool:
        """Tell whether an address of the site is that of a listing's page, to which a server may lead."""
        raise NotImplementedError

    @property
    def follows(self) -> bool:
        """Whether the pages of new and edited entries are wanted."""
        return "follow" in self.given

    def show(self, entries: Iterable[Entry]) -> None:
        """Note entries that a page of the listing shows, where somebody will ask for them: all of one are many."""
        if self.follows:
            self._shown.update((entry.id, entry) for entry in entries)

    def ask_gone(self, entries: Iterable[Entry]) -> Iterator[Request]:
        """Ask for the pages of entries that are listed no more: what the server says is evidence."""
        found = [url for entry in entries if (url := self.page_of_entry(entry)) is not None]
        most = self.settings.getint("GONE_MAX")
        if len(found) > most:
            self.tell(f"{len(found)} entries are listed no more; the pages of {most} were asked for (GONE_MAX)")
        for url in found[:most]:
            meta = {"handle_httpstatus_list": _GONE}
            told = {"asked": url}
            yield Request(
                url, callback=self.parse_gone, errback=self.not_had, dont_filter=True, meta=meta, cb_kwargs=told
            )

    def ask_shown(
        self,
        before: Callable[[], Mapping[str, Entry]],
        *,
        newest: bool = False,
        fields: Callable[[], Iterable[str]] | None = None,
    ) -> Iterator[Request]:
        """Ask for the pages of new and edited entries, where they are wanted, as far as ``FOLLOW_MAX`` allows.

        :param before: returns what there was before
        :param newest: ask for the newest first; else in the order in which they were shown
        :param fields: returns those that were shown in the same way before; None for all
        """
        if not self.follows:
            return
        shown = self._shown
        if newest:
            ordered = sorted(shown.values(), key=lambda entry: entry.date_earliest or "", reverse=True)
            shown = {entry.id: entry for entry in ordered}
        yield from self.ask_entries(new_or_edited(shown, before(), fields and fields()))

    def ask_entries(self, entries: Iterable[Entry]) -> Iterator[Request]:
        """Ask for the pages of ``entries``, the first first, as far as ``FOLLOW_MAX`` allows."""
        yield from self._follow((self.page_of_entry(entry) for entry in entries), self.parse_entry)

    def parse_gone(self, response: Response, asked: str) -> None:
        """Say what became of the page of an entry that is listed no more; its record is in the evidence."""
        # A server may lead to some other page: that it answers 200 says nothing of this one.
        led = "" if response.url == asked else f", which leads to {response.url}"
        self.tell(f"listed no more, and its own page answers {response.status}: {asked}{led}")

    def parse_entry(self, response: Response) -> Iterator[Page | Request]:
        """Yield an entry's page, and ask for the documents that it links on the site."""
        yield from self.parse_document(response)
        if isinstance(response, TextResponse):
            linked = (urls.canonical(href, response.url) for href in response.css("a::attr(href)").getall())
            documents = (url for url in linked if url and urlsplit(url).path.lower().endswith(_DOCUMENT))
            yield from self._follow((self.here(url) for url in documents), self.parse_document)

    def parse_document(self, response: Response) -> Iterator[Page | Request]:
        """Yield what was fetched, as a page without entries."""
        if self.is_listing(response.url):
            run_of(self.crawler).note(
                f"{response.url}: the server leads to a listing, where the page of an entry was asked for"
            )
        else:
            yield page_beside(self.fetched(response), self.collection)

    def not_had(self, failure: Failure) -> None:
        """Note what could not be had."""
        run_of(self.crawler).note(why(failure))

    def closed(self, reason: str) -> None:
        """Say what was left out."""
        if self._left:
            most = self.settings.getint("FOLLOW_MAX")
            self.tell(f"linked pages that were not asked for, more than {most} (FOLLOW_MAX): {self._left}")
        super().closed(reason)

    def _follow(self, found: Iterable[str | None], callback: Any) -> Iterator[Request]:  # noqa: ANN401 - a method
        most = self.settings.getint("FOLLOW_MAX")
        for url in found:
            if url is None or url in self._asked:
                continue
            if len(self._asked) >= most:
                self._left += 1
                continue
            self._asked.add(url)
            yield Request(url, callback=callback, errback=self.not_had, dont_filter=True, priority=-len(self._asked))


def new_or_edited(
    shown: Mapping[str, Entry], before: Mapping[str, Entry], fields: Iterable[str] | None = None
) -> Iterator[Entry]:
    """Yield the entries of ``shown`` that were not there before, or are other than they were, in their order.

    :param fields: those that were shown in the same way before; None for all
    """
    same = eq if fields is None else _same(["date_edtf", *fields])
    return (entry for id_, entry in shown.items() if id_ not in before or not same(before[id_], entry))


def _same(fields: Sequence[str]) -> Callable[[Entry, Entry], bool]:
    return lambda one, other: all(getattr(one, name) == getattr(other, name) for name in fields)
