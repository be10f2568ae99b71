"""How often a web archive is asked: by all processes of this machine together, for limits are those of an address.

One small file for each web archive holds when requests were made, and until when nothing
may be asked. Times are those of the monotonic clock, which all processes of a machine
share and no one can set; after a reboot it begins anew, and what the file says is void.
Where several machines share the file, times are of day, and their clocks must agree.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import Any, Final

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_LONGEST: Final = 1 << 16
_SHARED: Final = "several machines"
"""In place of a machine's start."""
_UNSAFE: Final = re.compile(r"[^a-z0-9.-]+")


class Budgets:
    """The budgets for one web archive: so many requests of a kind in so many seconds."""

    def __init__(
        self,
        folder: Path,
        origin: str,
        limits: Mapping[str, tuple[int, float]],
        clock: Callable[[], float] = monotonic,
        *,
        machines: bool = False,
    ) -> None:
        """Name the file; it is made when it is needed.

        :param origin: what names the web archive: host and port
        :param limits: by kind of request, how many in how many seconds
        :param machines: whether processes of several machines share the file; ``clock`` must then be one of theirs
        """
        self.path: Final = folder / f"{_UNSAFE.sub('-', origin.lower())}.json"
        self._limits = limits
        self._clock = clock
        self._boot = _SHARED if machines else _boot()

    def reserve(self, kind: str) -> float:
        """Take the next place for a request of that kind, and return in how many seconds it is.

        :raises OSError: where the file cannot be written: then nothing may be asked
        """
        most, period = self._limits[kind]

        def take(said: dict[str, Any], now: float) -> float:
            taken = sorted(said["taken"].get(kind, []))[-most:]
            first = max(now, said["until"], taken[0] + period if len(taken) == most else now)
            said["taken"][kind] = [*taken, first][-most:]
            return float(first - now)

        return self._change(take)

    def pause(self, seconds: float) -> None:
        """Let nobody ask for ``seconds`` from now."""

        def put_off(said: dict[str, Any], now: float) -> float:
            said["until"] = max(said["until"], now + seconds)
            return 0.0

        self._change(put_off)

    def left(self) -> float:
        """Return for how many seconds nothing may be asked."""
        return self._change(lambda said, now: float(max(0.0, said["until"] - now)))

    def _change(self, change: Callable[[dict[str, Any], float], float]) -> float:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags, 0o600)
        try:
            # Held for less than a millisecond; a process that dies frees it.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            now = self._clock()
            said = self._read(os.pread(descriptor, _LONGEST, 0), now)
            result = change(said, now)
            data = json.dumps({"boot": self._boot, **said}).encode("ascii")
            os.pwrite(descriptor, data, 0)
            os.ftruncate(descriptor, len(data))
        finally:
            os.close(descriptor)
        return result

    def _read(self, data: bytes, now: float) -> dict[str, Any]:
        """Return what the file says; of one that cannot be read, that all budgets were spent this moment."""
        if not data:
            return {"taken": {}, "until": 0.0}
        try:
            said = json.loads(data)
            if said["boot"] != self._boot:
                return {"taken": {}, "until": 0.0}
            taken = {str(kind): [float(one) for one in times] for kind, times in said["taken"].items()}
            return {"taken": taken, "until": float(said["until"])}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"taken": {kind: [now] * most for kind, (most, _) in self._limits.items()}, "until": 0.0}


def limits_of(index_per_minute: float, mementos_per_second: float) -> dict[str, tuple[int, float]]:
    """Return what :class:`Budgets` takes for limits.

    >>> limits_of(24, 0.5)
    {'index': (24, 60.0), 'memento': (1, 2.0)}

    :raises ValueError: for what is no number above 0
    """
    return {"index": _limit(index_per_minute, 60.0), "memento": _limit(mementos_per_second, 1.0)}


def _limit(rate: float, period: float) -> tuple[int, float]:
    if not rate > 0:
        raise ValueError(f"{rate:g} is not above 0")
    return (int(rate), period) if rate >= 1 else (1, period / rate)


def usual_folder() -> Path:
    """Return where the files are unless a person says otherwise: a folder for this user's, gone with a reboot."""
    return Path(gettempdir()) / f"psgcrawl-budgets-{os.getuid()}"


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
