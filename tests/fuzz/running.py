"""``python -m tests.fuzz.running MODULE …``: fuzzes what ``TARGET`` of a module says, in this process.

The other arguments are libFuzzer's: folders with what was found before, and options. The
package is instrumented while the module imports it, so nothing may import it earlier.
"""

import sys
from importlib import import_module


def main() -> None:
    """Fuzz until the time is over, or something is found; libFuzzer ends the process."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["psgcrawl"]):
        target = import_module(sys.argv[1]).TARGET
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
