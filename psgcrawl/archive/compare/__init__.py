"""What changed between two snapshots, or between two files of entries, of any size.

The rules are those of ``docs/comparing.md``: which entries are the same, and what a
snapshot that lacks an entry has seen of its place.

============  ================================================================================
module        subject
============  ================================================================================
``lines``     one file, read by place: blocks, lines
``scan``      two files side by side: only lines that differ are parsed
``aside``     a file that is out of order is put in order in a temporary file
``evidence``  what the pages of a snapshot show, and what they say about an entry they lack
``matching``  which entries of what is left are the same
``changes``   all of it: two sides -> the changes
``words``     which words of a text changed
============  ================================================================================
"""
