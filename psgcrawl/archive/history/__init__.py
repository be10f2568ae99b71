"""What became of each entry of a collection, over all its observations.

The rules are those of ``docs/history.md``. Which entries are the same, and what an
observation that lacks one has seen of its place, is decided by
:mod:`psgcrawl.archive.compare`.

================  ============================================================================
module            subject
================  ============================================================================
``observations``  when what was seen: snapshots, and runs that found one unchanged
``reach``         which observations need not be asked about an entry
``chains``        the readings of one entry, through all observations
``lives``         a chain -> first and last seen, revisions, state, each with its evidence
``questions``     numbers of issues that are missing, or there twice
================  ============================================================================
"""
