"""An archive of the Peru Support Group's listing pages: crawled, kept, compared."""

__version__ = "0.1.0"

SOFTWARE = f"psgcrawl {__version__}"
"""How every manifest and every line of the run log names what wrote it."""
