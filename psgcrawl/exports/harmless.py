"""Text that other formats can carry, and that nobody obeys."""

import re
from typing import Final

_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 forbids or discourages, and the carriage return, which its readers turn into something else."""
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""Return ``text`` with each character that XML, CSV readers or SQLite stumble over as U+FFFD.

    Controls but tab and line feed, lone surrogates, U+FFFE and U+FFFF. An entry holds
    none of them under the text rule; what others wrote into an archive may.

    >>> clean("a\x00b\r\n") == "a\ufffdb\ufffd\n"
    True
    """
    # What can be printed holds none of them: most of what is exported is that, and known to be in a tenth of the time.
    return text if text.isprintable() else _FORBIDDEN.sub("\ufffd", text)


def flowing(text: str) -> str:
    r"""Return ``text``, cleaned, without what would turn the direction of the text around it (Unicode UAX 9, 2.1-2.4).

    For text that is set among words of ours. Letters of any script keep their own direction.

    >>> flowing("a\u202eb") == "a\ufffdb"
    True
    """
    # As above: what turns a direction cannot be printed.
    return text if text.isprintable() else _DIRECTIONS.sub("\ufffd", clean(text))


def address(url: str | None) -> str | None:
    """Return ``url`` if it may be a link: ``http`` or ``https`` and no space or control in it; else None.

    >>> address("javascript:alert(1)"), address("HTTP://perusupportgroup.org.uk/")
    (None, 'HTTP://perusupportgroup.org.uk/')
    """
    if url is None or not re.fullmatch(r"https?://[^\s\x00-\x20\x7f-\x9f\ud800-\udfff]+", url, re.IGNORECASE):
        return None
    return url if flowing(url) == url else None
