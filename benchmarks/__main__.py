"""Measure: ``python -m benchmarks [--small] [--only PATH…]``, as ``make bench`` does.

Results go into ``benchmarks/results/``, after each path; a path that is measured again
replaces its own. With ``--small`` what has doubled against ``benchmarks/expected.json``
is measured a second time, and fails then. Exit code 1: something has doubled, failed, or
could not be measured that is expected.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import expected, machine, table
from benchmarks.contest import Contest, Row, compete
from benchmarks.growth import Grown, grown
from benchmarks.paths import PATHS, contests
from benchmarks.results import GROWTH, Results
from benchmarks.sides import compiled


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, keep; return the exit code."""
    args = _parser().parse_args(argv)
    results = Results.opened(args.json or Results.usual(small=args.small), machine.described())
    print(table.machine(results.machine))
    compiled()
    known = expected.read() if args.small and not args.expect else {}
    trouble: list[str] = []
    measured: list[Row] = []
    for path in args.only or [*PATHS, GROWTH]:
        # Each path has a folder to itself: none is slowed down by what another left.
        with tempfile.TemporaryDirectory(dir=args.folder, prefix="psgcrawl-bench-") as folder:
            print(f"\n{path} (load {machine.load()})", flush=True)
            try:
                if path == GROWTH:
                    results.growth = list(_grown(Path(folder), args))
                else:
                    measured += _measured(path, Path(folder), args, known, results)
            except RuntimeError as error:
                trouble.append(f"{path}: {error}")
        results.write()
    if args.expect:
        expected.write(measured, whole=not args.only)
    elif args.small:
        trouble += [
            f"{row.key}: {row.median:.3g}, more than twice the {known[row.key]} that is expected"
            for row in measured
            if expected.doubled(row, known)
        ]
        trouble += expected.unaccounted(measured, known, whole=not args.only)
    if lacking := sorted({name for row in measured for name in row.missing}):
        print(f"not there, so not measured: {', '.join(lacking)}", file=sys.stderr)
    for problem in trouble:
        print(problem, file=sys.stderr)
    return 1 if trouble else 0


def _measured(
    path: str, folder: Path, args: argparse.Namespace, known: dict[str, float], results: Results
) -> list[Row]:
    rounds = args.rounds or (3 if args.small else 5)
    before = machine.load()
    rows: list[Row] = []
    for contest in contests(path, folder, small=args.small):
        found = _held(contest, rounds, known)
        rows += found
        for row in found:
            print(table.text(row), flush=True)
    results.keep(path, rows, rounds, (before, machine.load()))
    return rows


def _grown(folder: Path, args: argparse.Namespace) -> Iterator[Grown]:
    for one in grown(folder, 1 if args.small else args.rounds or 3, small=args.small):
        print(*list(table.growth([one]))[2:], flush=True)
        yield one


def _held(contest: Contest, rounds: int, known: dict[str, float]) -> list[Row]:
    """Measure; and again what has doubled: of a busy machine's two answers the smaller counts."""
    rows = compete(contest, rounds)
    if any(expected.doubled(row, known) for row in rows):
        print(f"{contest.path}: doubled, measured again", flush=True)
        again = compete(contest, rounds)
        rows = [
            min(pair, key=lambda row: row.median) if pair[0].values else pair[0]
            for pair in zip(rows, again, strict=True)
        ]
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="small sizes, held against benchmarks/expected.json")
    parser.add_argument(
        "--expect", action="store_true", help="with --small: write what is measured as what is expected"
    )
    parser.add_argument("--only", nargs="+", choices=[*PATHS, GROWTH], metavar="PATH", help="only these paths")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds; 5 by default, 3 with --small")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where files are made; a temporary folder by default"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results go; benchmarks/results/ by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
