"""The archive in other formats, for other programs. Nothing here changes the archive.

A format is a module (or package) with four things, and a line in
:mod:`psgcrawl.cli.export`:

- ``HELP``, one line, and ``SUFFIX``, what its files' names end with;
- ``arguments(parser)``, which declares the options that it alone has;
- ``write(chosen, args, stream, note) -> str``, which writes the file to ``stream`` (a
  new file, or standard output: nothing can be read back or sought) and returns what
  came of it, in a line for people. ``note`` takes what a person should know. What can be
  wrong with the archive is found before the first byte is written, where that is possible
  without reading everything twice; a file is whole or absent in any case.

One that can bring a file of its own up to date has ``update(chosen, args, path, stream,
note) -> str`` beside: as ``write``, from the file at ``path``, which it only reads.

============  ================================================================================
module        subject
============  ================================================================================
``chosen``    which snapshots a person wants
``source``    everything that the formats read of entries: the one place to withhold something
``pages``     which page of a snapshot shows an entry
``rows``      entries and revisions with where they stand: of jsonl, csv and parquet
``changes``   what happened to entries, each time with the evidence
``places``    places in the run log: what was known when
``feed``      items of feeds: of atom and jsonfeed
``harmless``  text that XML, CSV and SQL can carry
============  ================================================================================

The same archive gives the same bytes: times come from the snapshots, never from a clock.
"""
