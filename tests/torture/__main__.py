"""``make torture``: every kind of fault that there is, one after the other; ``ARGS=--short`` is a sample of minutes.

Each kind is a command of its own (``python -m tests.torture.calls --help``). Exit code
1 where an archive came to harm, or hostile input did not end as it must.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final

from tests.torture.figures import tell

KINDS: Final[Mapping[str, tuple[str, Sequence[str], Sequence[str]]]] = {
    "calls": ("tests.torture.calls", ["--step", "5", "--errors", "ENOSPC", "EIO", "EINTR"], []),
    "crawls": ("tests.torture.crawls", ["--rounds", "3"], []),
    "disks": ("tests.torture.disks", ["--step", "2"], []),
    "hostile": ("tests.hostile", [], []),
    "power": ("tests.torture.power", ["--step", "4"], []),
    "rows": ("tests.torture.rows", [], []),
    "together": ("tests.torture.together", ["--rounds", "30"], []),
    "verify": ("tests.torture.verify", ["--step", "60"], ["--deep-step", "25"]),
    "workers": ("tests.scale.kills", ["--rounds", "3"], []),
}
"""The module, and what it is given for a sample and for all."""


def main() -> int:
    """Run what is asked for, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="a sample of each kind")
    parser.add_argument("--only", choices=KINDS, action="append", help="only this kind; can be given again")
    args = parser.parse_args()
    harmed = []
    for kind in args.only or KINDS:
        module, short, long = KINDS[kind]
        begun = monotonic()
        tell(f"== {kind}")
        ended = subprocess.run([sys.executable, "-m", module, *(short if args.short else long)], check=False)
        tell(f"   {monotonic() - begun:.0f} s")
        if ended.returncode:
            harmed.append(kind)
    tell(f"not as it must be: {', '.join(harmed)}" if harmed else "no archive came to harm")
    return 1 if harmed else 0


if __name__ == "__main__":
    sys.exit(main())
