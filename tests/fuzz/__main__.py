"""``make fuzz``: bytes that a machine invents, fed to whatever here reads bytes from elsewhere; executions and finds.

``ARGS="--seconds N TARGET…"`` takes N seconds for all targets together, or for those that
are named; ``--short`` is a sample. What widens the coverage is kept in ``.fuzz/``, so that
the next run goes on there. Every find is kept in ``tests/fixtures/fuzz/TARGET/``, which the
plain suite tries again. Exit code 1 where something was found, 2 where it could not run.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Final

from tests.fuzz.campaign import Fuzzed, fuzz
from tests.fuzz.target import CORPUS, NAMES, PROJECT
from tests.torture.figures import tell

LONG: Final = 1800
SHORT: Final = 30
UNTIL: Final = (3, 14)
"""The first Python for which atheris cannot be had."""


def main() -> int:
    """Fuzz, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--seconds", type=int, default=LONG, help="for all targets together (default: %(default)s)")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} seconds")
    parser.add_argument("--at-once", type=int, default=2, help="so many side by side (default: %(default)s)")
    args = parser.parse_args()
    unknown = sorted({*args.targets} - {*NAMES})
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}")
    if find_spec("atheris") is None:
        tell("fuzz: skipped: atheris is not installed (extra `service`; there is none for Python 3.14 and later)")
        return 0 if sys.version_info >= UNTIL else 2
    return _fuzz(args.targets or NAMES, SHORT if args.short else args.seconds, args.at_once)


def _fuzz(names: Sequence[str], seconds: int, at_once: int) -> int:
    each = max(1, seconds * at_once // len(names))

    def one(name: str) -> Fuzzed:
        known = [PROJECT / ".fuzz" / name, CORPUS / name]
        return fuzz(f"tests.fuzz.targets.{name}", each, known, CORPUS / name)

    executions = finds = failed = 0
    with ThreadPoolExecutor(at_once) as pool:
        for fuzzed in pool.map(one, names):
            executions += fuzzed.executions
            finds += len(fuzzed.finds)
            failed += fuzzed.failed
            tell(f"{fuzzed.name}: {fuzzed.executions} executions, {len(fuzzed.finds)} finds")
            for path in fuzzed.finds:
                tell(f"    kept as {path.relative_to(PROJECT)}")
            if fuzzed.said:
                tell(f"    {fuzzed.said}")
    tell(f"fuzz: {len(names)} targets, {executions} executions, {finds} finds")
    return 1 if finds else 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
