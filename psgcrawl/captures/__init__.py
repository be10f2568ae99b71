"""Captures: the stored bytes of pages, wherever they lie, and the way from them to pages.

==============  ==========================================================================
module          subject
==============  ==========================================================================
``capture``     what a capture is, and the page that it shows
``files``       which files are captures
``sidecar``     what ``captures.jsonl`` says of them
``containers``  the WARCs in a file: itself, or those in a WACZ
``own``         the WARC of a snapshot, and what stands beside it
``choosing``    which records are captures, and why the others are none
``held``        records that may be needed, kept for a while
``gathered``    files read from front to back
``warcs``       captures in WARC and WACZ files, and their evidence
``stored``      a record as a capture
``live``        a response of a live crawl as a capture
==============  ==========================================================================
"""
