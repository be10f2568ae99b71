"""``python -m tests.hostile``: every row of the table of hostile input, each in a process of its own; right out of all.

``--only WORDS`` takes the rows whose name holds that. Exit code 1 where one is not right.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor


def main() -> int:
    """Run what is asked for, and tell."""
    # Not above: every process of a row imports this module, and none needs the table.
    from tests.hostile.table import ROWS, done  # noqa: PLC0415
    from tests.torture.figures import tell  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="rows whose name holds that")
    parser.add_argument("--at-once", type=int, default=2, help="so many side by side")
    parser.add_argument("--verbose", action="store_true", help="print what each cost, too")
    args = parser.parse_args()
    rows = [row for row in ROWS if args.only in row.name]
    right, slowest, largest = 0, 0.0, 0.0
    with ThreadPoolExecutor(args.at_once) as pool:
        for found in pool.map(done, rows):
            right += not found.wrong
            slowest, largest = max(slowest, found.seconds), max(largest, found.megabytes)
            if args.verbose or found.wrong:
                said = "; ".join(found.wrong) or f"exit code {found.code}"
                tell(
                    f"{found.row.spider or 'psgcrawl'}: {found.row.name:.70}: {found.seconds:.1f} s, "
                    f"{found.megabytes:.0f} MB: {said}"
                )
    tell(f"hostile input: {right} right of {len(rows)}; at most {slowest:.1f} s and {largest:.0f} MB")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
