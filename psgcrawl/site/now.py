"""The profile by which this process reads and writes: one at a time, for one archive is of one site.

It is one for the process and no argument, because nearly every judgement about a line or
an address needs it, deep below whoever knows the archive. Commands set it once they know
their archive, crawls before their first request, and processes that help get it with
their work. So what depends on it answers the same for as long as an archive is at work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

from psgcrawl.site.group import GROUP
from psgcrawl.site.profile import Site

P = ParamSpec("P")
T = TypeVar("T")

_now: Site = GROUP
_forget: list[Callable[[], None]] = []


def current() -> Site:
    """Return the profile; the Peru Support Group's, unless another one was set."""
    return _now


def use(site: Site) -> None:
    """Set the profile for this process; what was remembered under the one before is forgotten."""
    global _now  # noqa: PLW0603 - see the module's docstring
    if site is not _now:
        _now = site
        for forget in _forget:
            forget()


@contextmanager
def using(site: Site) -> Iterator[Site]:
    """Set the profile inside, and the one before again behind."""
    before = _now
    use(site)
    try:
        yield site
    finally:
        use(before)


def cached(maxsize: int | None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator: what a function returns is remembered, until another profile is set."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        recall: Any = lru_cache(maxsize)(function)
        _forget.append(recall.cache_clear)
        return cast("Callable[P, T]", recall)

    return decorate
