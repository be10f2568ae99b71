"""The archive in other formats, for other programs. Nothing here changes the archive.

A format is a module (or package) with four things, and a line in
:mod:`psgcrawl.cli.export`:

- ``HELP``, one line, and ``SUFFIX``, what its files' names end with;
- ``arguments(parser)``, which declares the options that it alone has;
- ``write(chosen, args, stream, note) -> str``, which writes the file to ``stream`` (a
  new file, or standard output: nothing can be read back or sought) and returns what
  came of it, in a line for people. ``note`` takes what a person should know. What can be
  wrong with the archive is found before the first byte is written.

The same archive gives the same bytes: times come from the snapshots, never from a clock.
"""
