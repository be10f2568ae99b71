"""The settings ``NOTIFY_…``: who is told of what, and for how long that may hold a run up."""

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.errors import UsageError
from psgcrawl.guards.limits import Given
from psgcrawl.notify import command
from psgcrawl.notify.document import EVENTS, Event, Notification
from psgcrawl.notify.webhook import Webhook
from psgcrawl.visible import visible

WEBHOOK: Final = "PSGCRAWL_NOTIFY_WEBHOOK"
"""Of the environment: an address is often a secret, and every user of a machine can read the command line."""
SECRET: Final = "PSGCRAWL_NOTIFY_SECRET"  # noqa: S105 - a variable's name
"""Of the environment: the key of the signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Who is told. False when it is nobody."""

    command: tuple[str, ...]
    """Program and arguments; empty: none."""
    webhook: Webhook | None
    on: frozenset[Event]
    timeout: float
    """Seconds that all together may take."""

    @classmethod
    def of(cls, given: Given, environ: Mapping[str, str]) -> "Hooks":
        """Read the hooks from settings and the environment.

        :raises UsageError: for what is no command line, no address, no event or no number; the message does not
            quote an address
        """
        address = str(given.get("NOTIFY_WEBHOOK") or "") or environ.get(WEBHOOK, "")
        return cls(
            command=_words(str(given.get("NOTIFY_COMMAND") or "")),
            webhook=Webhook.of(address, environ.get(SECRET, "")) if address else None,
            on=_events(given.get("NOTIFY_ON")),
            timeout=_seconds(given.get("NOTIFY_TIMEOUT")),
        )

    def __bool__(self) -> bool:
        """Tell whether anybody is told of anything."""
        return bool(self.on and (self.command or self.webhook))

    def send(self, found: Iterable[Notification], say: Callable[[str], object]) -> None:
        """Send what is wanted of ``found``, in order; return after :attr:`timeout` at the latest.

        :param say: is told what could not be sent, ``place: problem``, without control characters
        """
        until = monotonic() + self.timeout
        for one in found:
            if one.event not in self.on:
                continue
            data = jsonl.dumps(one) + b"\n"
            for place, send in self._ways():
                left = until - monotonic()
                problem = send(data, one.event, left) if left > 0 else "the time for it is over"
                if problem is not None:
                    say(visible(f"{place}: {one.event} of {one.collection or one.spider} was not told: {problem}"))

    def tell(self, found: Callable[[], Sequence[Notification]], say: Callable[[str], object]) -> None:
        """Send what ``found`` returns as :meth:`send` does; whatever goes wrong is told, and raised by nothing here.

        What became of the run is decided and logged: a hook never harms it.
        """
        try:
            self.send(found(), say)
        except Exception as error:  # noqa: BLE001 - see above
            say(f"nothing was told: {visible(repr(error))}")

    def _ways(self) -> Iterable[tuple[str, Callable[[bytes, str, float], str | None]]]:
        if self.command:
            yield "NOTIFY_COMMAND", self._give
        if self.webhook is not None:
            yield f"NOTIFY_WEBHOOK: {self.webhook.shown}", self.webhook.post

    def _give(self, data: bytes, _event: str, limit: float) -> str | None:
        return command.give(self.command, data, limit, without=(SECRET, WEBHOOK))


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"NOTIFY_COMMAND: {line!r}: {error}") from error


def _events(given: object) -> frozenset[Event]:
    words = given.replace(",", " ").split() if isinstance(given, str) else list(given or ())  # type: ignore[call-overload]
    unknown = [word for word in words if word not in EVENTS]
    if unknown:
        raise UsageError(f"NOTIFY_ON: {unknown[0]!r} is no event: there are {', '.join(sorted(EVENTS))}")
    return frozenset(event for event in EVENTS if event in words)


def _seconds(given: object) -> float:
    try:
        seconds = float(str(given))
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise UsageError(f"NOTIFY_TIMEOUT: {given!r} is no number of seconds over 0")
    return seconds
