"""Commands of the program that prepare something."""

from contextlib import redirect_stdout
from io import StringIO

from psgcrawl import cli


def quiet(words: list[str]) -> None:
    """Run a command, and pass over what it prints.

    :raises SystemExit: where it fails
    """
    with redirect_stdout(StringIO()):
        if cli.main(words) != 0:
            raise SystemExit(f"psgcrawl {words} has failed")
