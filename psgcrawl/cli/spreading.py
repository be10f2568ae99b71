"""``--jobs N`` and ``--scheduler ADDRESS``: on which processes a command does its work."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psgcrawl.errors import UsageError
from psgcrawl.jobs import Engine
from psgcrawl.jobs.here import Here


def arguments(parser: argparse.ArgumentParser, usual: str) -> None:
    """Declare the options.

    :param usual: how many processes work where nobody says, in words
    """
    parser.add_argument("--jobs", type=number, metavar="N", help=f"how many processes work; by default {usual}")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let the workers of this Dask scheduler do it (tcp://HOST:8786, or its scheduler file); they share the "
        "archive's file system",
    )


def number(text: str) -> int:
    """Return a number of processes.

    :raises ArgumentTypeError: for what is none
    """
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


@contextmanager
def engine(
    args: argparse.Namespace, folders: Sequence[Path], *, usual: int, writes: bool, apart: bool = False
) -> Iterator[Engine]:
    """Give what does the jobs, as long as the block lasts.

    :param folders: in which they work
    :param usual: how many processes, where nobody says
    :param writes: whether they write there
    :param apart: whether they are done in other processes, also if one at a time
    :raises UsageError: for both options at once, and without Dask
    :raises UnfitWorker: where the file system is not as it must be for several machines
    """
    if args.scheduler is None:
        yield _local(args.jobs or usual, apart=apart)
        return
    if args.jobs is not None:
        raise UsageError("--jobs and --scheduler: processes of this machine, or workers of a scheduler, not both")
    # Loaded when they are needed: other calls answer at once.
    from psgcrawl.jobs.cluster import Cluster  # noqa: PLC0415 - see above
    from psgcrawl.jobs.sharing import shared  # noqa: PLC0415 - see above
    from psgcrawl.jobs.worker import Start  # noqa: PLC0415 - see above

    with ExitStack() as stack:
        said = [stack.enter_context(shared(folder.absolute(), writes=writes)) for folder in folders]
        yield Cluster(args.scheduler, Start(tuple(said)))


def _local(processes: int, *, apart: bool) -> Engine:
    if processes == 1 and not apart:
        return Here()
    from psgcrawl.jobs.processes import Processes  # noqa: PLC0415 - as above

    return Processes(processes)
