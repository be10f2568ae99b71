"""Snapshots as one WACZ file: raw pages, an index and a list of pages, for replay in a browser.

WACZ 1.1.1, https://specs.webrecorder.net/wacz/1.1.1/. The WARC files of the snapshots
are in it byte for byte, each once, however many editions were derived from it.
"""

from psgcrawl.exports.wacz.package import HELP, SUFFIX, arguments, write

__all__ = ["HELP", "SUFFIX", "arguments", "write"]
