"""Where to go next: one listing or source a file."""
