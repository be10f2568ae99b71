"""The crawl's life: a run is opened, and at its very end its outcome is decided and committed."""
