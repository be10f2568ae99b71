"""A past of the Peru Support Group's site, as web archives hold it: invented captures of 2008 to 2020, and their truth.

==================  =====================================================================
module              subject
==================  =====================================================================
``taken``           a capture as an archive holds it: address, time, bytes, digest
``life``            the site itself: which entries it listed on which day, and how
``pages``           what it printed, in the markups and encodings of its years
``past``            the captures: several crawls with gaps, and all that goes wrong
``truth``           what can be known from them, and what nobody may claim
``warcs``           the captures as WARC files, for a web archive of another make
``index``           the index of the captures, asked in two dialects
``judging``         an archive that was filled from them, held against the truth
``running``         backfills from the small web archive, here or in a process of their own
``kills``           ``python -m tests.webarchives.kills``: backfills that are killed and go on
==================  =====================================================================

None of it uses the code that it judges: the entries are known because they were put there.
"""

from .past import PAST
from .taken import Taken
from .truth import Truth

__all__ = ["PAST", "Taken", "Truth"]
