"""How a record of the program's log is written: for people, or as one JSON object a line.

Messages carry what pages and servers say. A record is one line, so that none of them can
make a second one: for people, the lines of a message after its first are indented, and
control characters are shown as escapes; in JSON all of that is escaped.
"""

import logging
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from psgcrawl.archive import jsonl
from psgcrawl.visible import visible

INDENT: Final = "    "
"""In front of each further line of a message. No record begins with a blank."""


class PlainLines(logging.Formatter):
    """Records for people, as ``LOG_FORMAT`` says."""

    def format(self, record: logging.LogRecord) -> str:
        r"""Return a record; what its message and exception break into lines is indented.

        >>> record = logging.makeLogRecord({"msg": "title %s", "args": ("a\nERROR psgcrawl: \x1b[2J",)})
        >>> print(PlainLines("WARNING %(message)s").format(record))
        WARNING title a
            ERROR psgcrawl: \x1b[2J
        """
        return f"\n{INDENT}".join(visible(line) for line in super().format(record).split("\n"))


class JsonLines(logging.Formatter):
    """Records for programs: ``time``, ``level``, ``logger``, ``message``, ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        r"""Return a record as one JSON object, in ASCII.

        ``time`` is RFC 3339 UTC with milliseconds, ``exception`` the traceback or null.

        >>> record = logging.makeLogRecord({"msg": "a\n{}", "name": "x", "levelname": "INFO", "created": 0.25})
        >>> JsonLines().format(record)
        '{"time":"1970-01-01T00:00:00.250Z","level":"INFO","logger":"x","message":"a\\n{}","exception":null}'
        """
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        traced = [self.formatException(record.exc_info)] if record.exc_info else []
        traced += [record.stack_info] if record.stack_info else []
        found = {
            "time": when.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": jsonl.printable(record.name),
            "message": jsonl.printable(record.getMessage()),
            "exception": jsonl.printable("\n".join(traced)) if traced else None,
        }
        return jsonl.text(found)


class Given(Protocol):
    """Where settings come from: Scrapy's."""

    def get(self, name: str, /) -> Any:  # noqa: ANN401 - whatever a person wrote there
        """Return a setting; None where there is none."""

    def getbool(self, name: str, /) -> bool:
        """Return a setting that is true or false."""


def formatter_for(given: Given) -> logging.Formatter:
    """Return what ``LOG_JSON``, or for people ``LOG_FORMAT`` and ``LOG_DATEFORMAT``, ask for."""
    if given.getbool("LOG_JSON"):
        return JsonLines()
    return PlainLines(given.get("LOG_FORMAT"), given.get("LOG_DATEFORMAT"))


def handler_for(given: Given) -> logging.Handler:
    """Return the handler that Scrapy's settings ``LOG_…`` ask for: a file, standard error, or none.

    :raises OSError: where ``LOG_FILE`` cannot be written
    """
    handler: logging.Handler
    if given.get("LOG_FILE"):
        mode = "a" if given.getbool("LOG_FILE_APPEND") else "w"
        handler = logging.FileHandler(given.get("LOG_FILE"), mode, given.get("LOG_ENCODING"))
    elif given.getbool("LOG_ENABLED"):
        handler = logging.StreamHandler()
    else:
        handler = logging.NullHandler()
    handler.setFormatter(formatter_for(given))
    handler.setLevel(given.get("LOG_LEVEL"))
    return handler
