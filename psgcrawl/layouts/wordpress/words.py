"""The words that WordPress and its plugins print around posts, in the language of the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psgcrawl import site


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Those of one language."""

    protected: str
    """Before the title of a protected post, everywhere but in the REST API."""
    no_excerpt: str
    """For the excerpt of a protected post."""
    signed: tuple[tuple[str, str], ...]
    """Before and behind the title where an item of a feed is signed: ``The post TITLE appeared first on SITE.``."""


_ENGLISH: Final = Words(
    protected="Protected: ",
    no_excerpt="There is no excerpt because this is a protected post.",
    signed=(("The post ", " appeared first on "),),
)
_SPANISH: Final = Words(
    protected="Protegido: ",
    no_excerpt="No hay extracto porque es una entrada protegida.",
    signed=(("La entrada ", " se publicó primero en "), ("La entrada ", " aparece primero en ")),
)
_BY_LANGUAGE: Final[Mapping[str, tuple[Words, ...]]] = {"en": (_ENGLISH,), "es": (_ENGLISH, _SPANISH)}


def words() -> tuple[Words, ...]:
    """Return the words that the site can print: English ones always, for much is never translated."""
    return _BY_LANGUAGE[site.current().language]
