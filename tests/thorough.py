"""Whether a run takes its time: many examples of each property, large inputs.

The plain suite keeps below two minutes on two cores.
"""

import os
from typing import Final

THOROUGH: Final = os.environ.get("PSGCRAWL_THOROUGH") == "1"


def every(number: int) -> int:
    """Return how far apart what is tried may lie: 1 in a thorough run, else that ``number``."""
    return 1 if THOROUGH else number
