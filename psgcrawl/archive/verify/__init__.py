"""Whether the archive is as it was written, and what of it can still be relied on.

===============  ==================================================================================
module           subject
===============  ==================================================================================
``findings``     what is found, told as it is found
``whole``        the whole check: collections, log, and both against each other
``folders``      the files of one folder against its manifest
``log``          what the run log says of the snapshots
``editions``     the editions of one snapshot: unbroken, each derived from one before, or redacted
``lines``        deep: lines against their record type, in canonical bytes
``content``      deep: entries and pages against each other and against the manifest
``evidence``     deep: the WARC, record by record, and the pages against it
``derivation``   deep: entries and pages against what the evidence gives today
===============  ==================================================================================

Nothing here writes, and nothing on disk makes it raise: what cannot be read is damaged.
"""
