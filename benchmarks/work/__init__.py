"""What is measured inside :mod:`benchmarks.child`: each function prepares, and returns what is timed."""
