"""``python -m psgcrawl``: the same as the command ``psgcrawl``."""

import sys

from psgcrawl.cli import main

sys.exit(main())
