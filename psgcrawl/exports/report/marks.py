"""What stands on pages that templates make and on those of plain functions: as HTML, made in one place."""

from typing import Final

from psgcrawl.archive.history.lives import State
from psgcrawl.exports.report import english
from psgcrawl.exports.report.gathering import Seen
from psgcrawl.exports.report.showing import harmless


def escaped(text: str) -> str:
    """Return text as HTML can carry it: what the templates do with it, without asking what it is.

    >>> escaped("<a href='x'> & y")
    '&lt;a href=&#39;x&#39;&gt; &amp; y'
    """
    said = text if text.isprintable() else str(harmless(text))
    for char, instead in _ESCAPES:
        said = said.replace(char, instead)
    return said


_ESCAPES: Final = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ('"', "&#34;"))


def observation(root: str, seen: Seen) -> str:
    """Return an observation as a link.

    :param root: what leads from the page to the folder of the report
    """
    return f'<a href="{root}{escaped(seen.page)}" title="{escaped(seen.name)}">{escaped(seen.time)}</a>'


def badge(state: State) -> str:
    """Return the state of an entry."""
    return f'<span class="badge {state}">{english.STATES[state]}</span>'
