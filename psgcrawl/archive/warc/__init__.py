"""WARC (ISO 28500:2017, version 1.1): the raw pages, as anyone's tools can read and replay them.

===========  ===================================================================================
module       subject
===========  ===================================================================================
``digests``  how digests are written
``message``  HTTP messages as records hold them, and the way from their bytes to a page's
``record``   one record, and its bytes
``making``   the records that this program writes
``reading``  records out of files, whoever wrote them
``exchange`` what was asked of a server and what it answered, as records
``spool``    what a run brings, record by record, until its snapshots take it over
``stored``   the WARC of a snapshot: the record of a page, and the one that it repeats
``holding``  what the archive holds of an address, so that it need not be sent again
===========  ===================================================================================

Written and read here, not by a library, for one reason: evidence is copied byte for
byte, between files too, and libraries write again what they read. Others judge what
is written (``tests/service``).
"""
