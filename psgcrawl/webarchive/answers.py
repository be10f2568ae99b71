"""What an answer to the request for a memento means: an archived page, or the web archive's own word.

Archives answer with the status that they captured. Only ``Memento-Datetime`` (RFC 7089)
tells a page that was not found in 2012 from one that the archive does not find today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psgcrawl.webarchive.addresses import Access, Memento, memento_datetime
from psgcrawl.webarchive.captures import variantless
from psgcrawl.webarchive.queries import Window

DATETIME: Final = "Memento-Datetime"
_ERROR: Final = "X-Archive-Wayback-Runtime-Error"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = (DATETIME, _ERROR, "Location")
"""What of a header tells the meaning of an answer."""
_BUSY: Final = frozenset({429, 503})
_PASSING: Final = frozenset({408, 425})
_EXCLUDED: Final = ("AccessControl", "Blocked Site")
_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Archived:
    """A page as it was captured, whatever its status."""

    captured: str
    """RFC 3339 UTC."""


@dataclass(frozen=True, slots=True)
class Onward:
    """The archive leads to another capture of the same address."""

    memento: Memento
    address: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The archive does not give it, today and tomorrow."""

    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """The archive gives nothing of the whole site."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """The archive wants to be asked no more for now."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failing:
    """The archive failed in a way that may pass."""

    reason: str


Meaning = Archived | Onward | Refused | Excluded | Busy | Failing


def meaning(status: int, headers: Mapping[str, str], address: str, access: Access, window: Window) -> Meaning:
    """Return what an answer means.

    :param headers: names as above
    :param address: what was asked for
    :param window: within which a capture must lie that is taken for the one that was asked for
    """
    captured = memento_datetime(headers.get(DATETIME))
    if captured is not None:
        return Archived(captured)
    if status in REDIRECTS:
        return _onward(headers.get("Location", ""), address, access, window)
    return own_word(status, headers)


def own_word(status: int, headers: Mapping[str, str]) -> Refused | Excluded | Busy | Failing:
    """Return what an answer of the web archive's own means that is no capture and no redirect."""
    error = headers.get(_ERROR, "")
    if any(word in error for word in _EXCLUDED):
        return Excluded(f"the web archive excludes the site: {error[:_SHOWN]}")
    if status in _BUSY:
        return Busy(f"the web archive answered {status}: it wants to be asked no more for now")
    if status >= 500 or status in _PASSING:
        return Failing(f"the web archive answered {status}{_said(error)}")
    if status >= 400:
        return Refused(f"the web archive answered {status}{_said(error)}: it lists the capture and does not give it")
    return Refused(f"the web archive answered {status} without {DATETIME}: nothing shows that it is a capture")


def _onward(location: str, address: str, access: Access, window: Window) -> Meaning:
    asked, found = access.parse(address), access.parse(location, address)
    if found is None or asked is None:
        return Refused(f"the web archive leads out of itself: {location[:_SHOWN]!a}")
    if variantless(found.url) != variantless(asked.url):
        return Refused(f"the web archive leads to another address: {location[:_SHOWN]!a}")
    if not window.holds(found.stamp.ljust(14, "0")):
        return Refused(f"the web archive leads to a capture outside of the time that was asked for: {found.stamp}")
    return Onward(found, access.memento(found.stamp, found.url))


def _said(error: str) -> str:
    return f" ({error[:_SHOWN]})" if error else ""
