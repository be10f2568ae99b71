"""Telling somebody what became of a run: what there is to say, and how it is sent.

=============  ===============================================================
module         subject
=============  ===============================================================
``document``   what is sent, as it is published
``events``     what an outcome and the run log say -> what there is to tell
``hooks``      the settings ``NOTIFY_…``, and everything that is sent by them
``command``    one document to the standard input of a command
``webhook``    one document to a web address
=============  ===============================================================

Nothing here changes what became of a run: it is decided, committed and logged before.
"""

from psgcrawl.notify.events import notifications
from psgcrawl.notify.hooks import Hooks

__all__ = ["Hooks", "notifications"]
