"""What a live crawl may ask of whom, and how fast: addresses, robots.txt, waiting, who answers for it. Pure."""
