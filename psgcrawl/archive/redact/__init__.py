"""Redaction: the one exception to "nothing is deleted". The law can demand that bytes go.

===========  ===================================================================================
module       subject
===========  ===================================================================================
``row``      what is left of the row of a page
``record``   what is left of a record
``copying``  a WARC file again, all members as they stand but those of the redacted records
``erasing``  what old editions still hold of what a later one declares redacted
===========  ===================================================================================

What a redaction is, and the order in which it is carried out, is :mod:`psgcrawl.redact`.
"""
