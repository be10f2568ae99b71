"""Many workers on one archive: what is there in the end, and what a server sees of it."""
