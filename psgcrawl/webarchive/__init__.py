"""Web archives: what they hold of the site's listings, how they are asked, and what their answers mean. Pure.

==============  ==========================================================================
module          subject
==============  ==========================================================================
``addresses``   where an archive has its index and its mementos; times as archives write them
``queries``     what its index is asked
``rows``        the index's answers, in four dialects
``captures``    rows that are captures of a listing
``here``        what the archive on this disk has of them already
``plan``        what is fetched, in which order, and what need not be
``asked``       what a request is about, so that its answer is kept as what it is
``answers``     whether an answer is an archived page, or the web archive's own word
``budgets``     how often it is asked, by all processes of a machine together
``progress``    how far a run has come, for people
==============  ==========================================================================
"""
