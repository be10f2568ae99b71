"""Records what the WordPress of the service tests answers, as fixtures of the tests that need no server.

    python -m tests.service.wordpress.recording

Only the address is changed, to the group's own, and style sheets, scripts and pictures
drawn in the page are left out of the HTML: they are WordPress's, and show nothing that
is read.
"""

import re
import sys
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from psgcrawl.layouts.wordpress import feed, rest
from tests.service.wordpress.server import WordPress

FOLDER: Final = Path(__file__).resolve().parents[2] / "layouts" / "wordpress"
_UNREAD: Final = re.compile(r"<(script|style|svg)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)

PATHS: Final = {
    "rest.json": f"{rest.PATH}?{urlencode(rest.QUERY)}",
    "rest-beyond.json": f"{rest.PATH}?{urlencode(rest.QUERY)}&page=2",
    "feed-1.xml": feed.PATH,
    **{f"feed-{page}.xml": f"{feed.PATH}?paged={page}" for page in range(2, 5)},
}
"""What is recorded under the first theme; ``rest-beyond`` and ``feed-4`` are beyond the last page."""
THEMES: Final = ("twentytwentyone", "twentytwentythree")


def main() -> None:
    """Write all fixtures."""
    with WordPress() as server:
        server.options(posts_per_page=25, posts_per_rss=25)
        for name, path in PATHS.items():
            _write(server, name, path)
        for theme in THEMES:
            server.theme(theme)
            for page in range(1, 4):
                _write(server, f"{theme}-{page}.html", "/" if page == 1 else f"/page/{page}/")
        server.close_rest(403)
        _write(server, "rest-closed.json", PATHS["rest.json"])


def _write(server: WordPress, name: str, path: str) -> None:
    answer = server.get(path)
    body = answer.body.decode("utf-8").replace(server.address, "https://perusupportgroup.org.uk")
    slashes = server.address.replace("/", "\\/")
    body = body.replace(slashes, "https:\\/\\/perusupportgroup.org.uk")
    body = body.replace(quote(server.address, safe=""), quote("https://perusupportgroup.org.uk", safe=""))
    if name.endswith(".html"):
        body = _UNREAD.sub("", body)
    (FOLDER / name).write_text(body, encoding="utf-8")
    sys.stderr.write(f"{answer.status} {answer.media_type} {name}\n")


if __name__ == "__main__":
    main()
