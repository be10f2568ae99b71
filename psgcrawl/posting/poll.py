"""Whether the posts that were changed last show that all others are as the last snapshot has them."""

from collections.abc import Collection, Mapping
from itertools import pairwise

from psgcrawl import site
from psgcrawl.archive.coverage import is_whole, own_entries
from psgcrawl.records import Entry, Page

COLLECTION = site.POSTS


def differs(page: Page, total: int | None, latest: Mapping[str, Entry]) -> str | None:
    """Return why all pages have to be asked for, in words; None where the poll accounts for every change.

    It does where the last post that it shows is as it was, so that whatever was changed
    stands above it, and where the server counts no post that is neither here nor in the
    last snapshot, and all of those. A post that was taken away while another was added
    under a date of the past escapes it, and so does a change without a date of change,
    such as another name of a category.

    :param page: the posts that were changed last, the last change first
    :param total: how many posts there are, as the server counts them
    :param latest: the posts of the last snapshot, by their ids
    """
    shown = own_entries(COLLECTION, page)
    times = [entry.modified for entry in shown]
    if not is_whole(page) or not shown:
        return "the poll shows no posts"
    if total is None:
        return "the server does not count its posts"
    if None in times or any(str(one) < str(other) for one, other in pairwise(times)):
        return "the poll is not in the order of changes"
    known = len(latest.keys() | {entry.id for entry in shown})
    if total != known:
        return f"the server counts {total} posts, and {known} are known"
    if latest.get(shown[-1].id) != shown[-1] and len(shown) < total:
        return f"more than {len(shown) - 1} posts are new or edited"
    return None


def moved(page: Page, total: int | None, known: Collection[str]) -> str | None:
    """Return why all pages have to be asked for after a look at the newest posts, in words; None where they need not.

    :param page: the newest posts, the newest first
    :param total: how many posts there are, as the server counts them now
    :param known: ids of all posts that are known, those of this page too
    """
    shown = own_entries(COLLECTION, page)
    days = [entry.date_earliest for entry in shown if entry.date_earliest is not None]
    if not is_whole(page) or not shown:
        return "the list of the newest shows no posts"
    if any(one < other for one, other in pairwise(days)):
        return "the newest posts are not in the order of their dates"
    return None if total == len(known) else f"the server counts {total} posts, and {len(known)} are known"
