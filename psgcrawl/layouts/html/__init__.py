"""HTML listing pages of the PHP site, whatever their markup.

==================  =====================================================================
module              subject
==================  =====================================================================
``tree``            HTML text to its tree, within limits
``rendering``       the tree to the lines of the rendered page
``elements``        the elements around lines
``lines``           one line: text, style, and what is around it
``linedates``       which lines are datelines
``neighbours``      what is next to a line
``anchors``         which datelines date entries, and which elements list them
``blocks``          a list to the lines of each entry
``entries``         the lines of an entry to title, summary, caption, link
``boilerplate``     what stands outside the entries
``page``            all of it
==================  =====================================================================
"""

from psgcrawl.layouts.html.page import FIELDS, LAYOUT, read, recognises
from psgcrawl.layouts.html.tree import parse_plain

__all__ = ["FIELDS", "LAYOUT", "parse_plain", "read", "recognises"]
