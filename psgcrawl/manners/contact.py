"""Who answers for a live crawl: the user agent names the project and a person who reads their mail."""

import re
from typing import Final

from psgcrawl import SOFTWARE
from psgcrawl.errors import UsageError

_REACHABLE: Final = re.compile(r"[^\s@,;:<>]+@[^\s@,;:<>]+\.[^\s@,;:<>.]+|https?://[^\s/,;]+\.[^\s/,;]+", re.IGNORECASE)
"""An e-mail address, or a web address with a host that has a dot in it."""
_PLAIN: Final = re.compile(r"[ !-'*-\[\]-~]+")
"""Printable ASCII but for parentheses and the backslash: what a comment of a header may hold (RFC 9110, 5.6.5)."""
_LONGEST: Final = 200
_EXAMPLE: Final = '-s CONTACT="https://example.org/bot, ops@example.org"'


def user_agent(contact: str) -> str:
    """Return the user agent of a live crawl: ``psgcrawl/VERSION (+CONTACT)``.

    :param contact: an e-mail address or an http or https address, or both
    :raises UsageError: where it is neither, or could not stand in a header
    """
    contact = contact.strip(" ")
    if not contact:
        raise UsageError(
            f"CONTACT: a live crawl says who answers for it, so that the site can write before it blocks: {_EXAMPLE}"
        )
    if not _PLAIN.fullmatch(contact) or len(contact) > _LONGEST:
        raise UsageError(
            f"CONTACT: {contact[:_LONGEST]!a}: not more than {_LONGEST} printable ASCII characters, "
            rf"no parentheses and no \, for it goes into a header: {_EXAMPLE}"
        )
    if not _REACHABLE.search(contact):
        raise UsageError(f"CONTACT: {contact!a} is no e-mail address and no http(s) address: {_EXAMPLE}")
    return f"{SOFTWARE.replace(' ', '/')} (+{contact})"
