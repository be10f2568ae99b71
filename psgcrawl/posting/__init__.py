"""How a WordPress is crawled: which way in, which request next, and what is proved. Pure: the spider asks and tells.

==============  =====================================================================
module          subject
==============  =====================================================================
``ways``        the REST API, the feed, the themed pages: their addresses, which is tried next, what is a closed one
``walks``       through the pages of one way, from the first to a proved end
``poll``        whether the post that was changed last tells that all others are as they were
==============  =====================================================================
"""
