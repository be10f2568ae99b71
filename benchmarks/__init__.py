"""How fast, beside what: every path of the program and its rivals, in turn, in one run.

``python -m benchmarks`` (``make bench``) measures, ``python -m benchmarks.publish`` writes
the tables of ``docs/performance.md``.

==============  ==============================================================================
module          subject
==============  ==============================================================================
``sides``       a command or a function that is measured, in a process of its own
``contest``     sides in turn, over rounds; goals, and whether they are reached
``child``       the process in which a function is measured
``paths``       a module for each path: its contests at any size
``work``        what is measured inside a child: our functions, and rivals
``making``      what is read: entries, pages, collections; generated, never stored
``table``       results as text and Markdown
``expected``    the ratios that are to be expected at small size, and what has doubled
==============  ==============================================================================

The process that measures imports nothing but the standard library: what it had in memory
would count as the least peak of every process that it starts.
"""
