"""The archive as pages to look at: a static site that opens from disk, without a server and without the network.

=============  ===========================================================================
module         subject
=============  ===========================================================================
``making``     all of it: which pages there are, in which order they are written
``gathering``  what is asked of a collection's history before its first page
``counting``   what is counted of its entries
``proving``    the pages that prove what is told
``twins``      the same entries in other collections
``latest``     what changed lately
``listing``    the lists by year
``showing``    what the pages say, ready for the templates
``picturing``  the pictures, as inline SVG
``searching``  the index that the page of the search reads
``postings``   its words, sorted on disk where they are many
``english``    dates, times and the archive's words for people
``places``     where each page lies, and how one page finds another
``folder``     the folder on disk: only what changed is written, what is no longer told goes
``marks``      what pages of templates and of plain functions have in common
``entrypage``  the page of an entry, of which there are many: by plain functions
``templates``  the other pages, for jinja2, which escapes whatever comes from a page
``static``     the style sheet, and the one script
=============  ===========================================================================

Times come from the archive, never from a clock: the same archive gives the same bytes,
and a page changes only when what it says does.
"""
