"""What commands load first: msgspec, without what it does not need."""

import sys
from importlib import import_module
from typing import Any, Final

_ELSEWHERE: Final = "typing_extensions"


def load_msgspec() -> None:
    """Load msgspec, and not ``typing_extensions`` with it.

    There it looks for three names which ``typing`` has since Python 3.11, and takes them from that where the other is
    not installed. As Twisted always installs it, it was loaded by every command, and brought the readers of Python's
    own source with it (``inspect``, ``ast``, ``dis``, ``tokenize``): an eighth of the start. Whoever imports it
    later gets it as usual.
    """
    if _ELSEWHERE in sys.modules:
        return
    loaded: dict[str, Any] = sys.modules
    # How Python notes that there is no such module.
    loaded[_ELSEWHERE] = None
    try:
        import_module("msgspec")
    finally:
        del loaded[_ELSEWHERE]
