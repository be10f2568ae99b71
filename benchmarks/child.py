"""The process in which a function is measured: ``python -m benchmarks.child MODULE:FUNCTION ARGUMENTS``.

The function gets the arguments (a JSON object) by name. What it returns is called, and
timed; where that returns counts, they are told as well. A function that returns nothing
has done what it was called for.
"""

import json
import resource
import sys
import time
from importlib import import_module


def main(place: str, arguments: str) -> None:
    """Prepare, time, and print a line of JSON."""
    module, _, name = place.partition(":")
    prepared = getattr(import_module(module), name)(**json.loads(arguments))
    before, begun = _processor(), time.perf_counter()
    counts = prepared() if prepared is not None else None
    clock, processor = time.perf_counter() - begun, _processor() - before
    told = counts if isinstance(counts, dict) else {}
    print("\n" + json.dumps({"processor": processor, "clock": clock, **told}))


def _processor() -> float:
    """Return the seconds of this process and of the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(*sys.argv[1:])
