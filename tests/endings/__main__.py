"""``python -m tests.endings [WORD…]``: every way to end, or those in whose names a word stands.

Exit code 1 if one is wrong.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.endings.driving import troubles
from tests.endings.table import WAYS, Way


def main(words: list[str]) -> int:
    """Print a line for each way, and how many are right."""
    ways = [way for way in WAYS if not words or any(word in way.name for word in words)]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        places = [Path(folder) / str(number) for number in range(len(ways))]
        for way, (found, seconds) in zip(ways, pool.map(_timed, ways, places), strict=True):
            wrong += bool(found)
            right = "wrong" if found else "right"
            told = f"{right}  {way.code:>3}  {way.outcome or '-':<10}  {way.disk:<10}  {way.name} ({seconds:.0f} s)"
            sys.stdout.write("\n       ".join([told, *found]) + "\n")
            sys.stdout.flush()
    sys.stdout.write(f"ways to end: {len(ways)}, right: {len(ways) - wrong}\n")
    return 1 if wrong else 0


def _timed(way: Way, place: Path) -> tuple[list[str], float]:
    place.mkdir()
    began = time.monotonic()
    try:
        found = troubles(way, place)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, it is this way's trouble
        found = [repr(error)]
    return found, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
