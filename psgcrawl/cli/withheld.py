"""What commands that publish say of what is withheld on request: how much it is, and whether it is shown."""

import argparse

from psgcrawl.archive import withholding
from psgcrawl.archive.store import Archive
from psgcrawl.cli import printing


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the option that shows it."""
    parser.add_argument(
        "--include-withheld",
        action="store_true",
        help="show also what somebody asked to withhold (psgcrawl withhold); it is said on standard error",
    )


def say(archive: Archive, *, included: bool) -> None:
    """Say on standard error how much is withheld, if anything is.

    :raises DamagedData: when what is withheld cannot be read
    """
    held = withholding.now(withholding.read(archive.folder))
    if held:
        told = "shown all the same, as --include-withheld asks" if included else "withheld on request"
        entries, records = printing.number(len(held.entries), "entry"), printing.number(len(held.records), "record")
        printing.note(f"{withholding.WITHHELD}: {entries} and {records}, {told}")
