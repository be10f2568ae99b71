"""Texts on which a regular expression takes longest, made from the expression itself, and whether that is too long.

A pattern goes wrong where a repetition can take the same characters in several ways, or
where a search starts again at each of them: so what is repeated is what its parts match,
behind a beginning that fits, with an end that does not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from re import _constants as constants  # type: ignore[attr-defined]  # the parser has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any, Final

from tests.thorough import THOROUGH

ENDS: Final = ("", "\x00", "\n", "!", "a", "0", " ")
"""What follows the repetition: something of it keeps every pattern from matching."""
MOST: Final = None if THOROUGH else 100
"""Texts for one pattern; all of them where the tests are thorough."""
FLOOR: Final = 0.002
"""Seconds. A quadratic pattern takes at least 8 million steps at :data:`LONGEST`: several times this."""
LONGEST: Final = 1 << (14 if THOROUGH else 12)
SMALL: Final = (12, 16, 20, 24)
"""Each four times as many ways as the one before, if they double with each repetition: such a pattern never ends."""


def texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, what is repeated, and ends."""
    whole = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if _is_bytes(pattern) else pattern.flags)
    pieces = list(dict.fromkeys(_pumps(whole)))
    beginnings = list(dict.fromkeys(beginning for beginning, _ in pieces))
    singles = list(dict.fromkeys(piece for _, piece in pieces if piece))
    kinds = (
        ((beginning, piece, end) for beginning, piece in pieces for end in ENDS if piece),
        # A search begins at each repetition of a beginning, and goes on to the end from there.
        (("", beginning, end) for beginning in beginnings for end in ENDS[:3] if beginning),
        (("", beginning + piece, end) for beginning in beginnings for piece in singles for end in ENDS[:2]),
        (("", one + other, end) for one in singles for other in singles for end in ENDS[:2] if one != other),
    )
    # Some of each kind come first: not all that there are need be tried.
    yield from (text for several in zip_longest(*kinds) for text in several if text is not None)


def slowest(pattern: re.Pattern[Any], use: str) -> str | None:
    """Say on which text the time of a pattern grows faster than the text; None where on none."""
    for beginning, piece, end in islice(texts(pattern), MOST):
        if grows(pattern, use, beginning, piece, end):
            return f"{beginning!r} + {piece!r} * n + {end!r}"
    return None


def grows(pattern: re.Pattern[Any], use: str, beginning: str, piece: str, end: str) -> bool:
    """Tell whether four times as many repetitions take more than eight times as long."""
    for count in SMALL:
        if _seconds(pattern, use, _text(pattern, beginning + piece * count + end)) > FLOOR:
            return True
    size = LONGEST // 64
    while size <= LONGEST:
        text = _text(pattern, beginning + piece * max(1, size // len(piece)) + end)
        took = _seconds(pattern, use, text)
        if took > FLOOR:
            shorter = _text(pattern, beginning + piece * max(1, size // 4 // len(piece)) + end)
            # What else the machine does makes a run longer, never shorter: best of several, and never by chance.
            if all(_best(pattern, use, text) > max(FLOOR, 8 * _best(pattern, use, shorter)) for _ in range(4)):
                return True
        size *= 4
    return False


def _best(pattern: re.Pattern[Any], use: str, text: Any) -> float:
    return min(_seconds(pattern, use, text) for _ in range(4))


def _seconds(pattern: re.Pattern[Any], use: str, text: Any) -> float:
    do = getattr(pattern, use)
    begun = thread_time()
    if use in {"sub", "subn"}:
        do(b"" if isinstance(text, bytes) else "", text)
    elif use == "finditer":
        for _ in do(text):
            pass
    else:
        do(text)
    return thread_time() - begun


def _text(pattern: re.Pattern[Any], text: str) -> str | bytes:
    return text.encode("latin-1", "replace") if _is_bytes(pattern) else text


def _is_bytes(pattern: re.Pattern[Any]) -> bool:
    return isinstance(pattern.pattern, bytes)


# --- examples of what a part of a pattern matches ---------------------------------------


def _pumps(items: Any, beginning: str = "") -> Iterator[tuple[str, str]]:
    """Yield, for each part that repeats, what can stand before it and what it repeats."""
    for operator, value in items:
        if operator in _REPEATS:
            _, most, body = value
            if most > 1:
                yield from ((beginning, example) for example in _examples(body))
            yield from _pumps(body, beginning)
        elif operator is constants.SUBPATTERN:
            yield from _pumps(value[-1], beginning)
        elif operator is constants.ATOMIC_GROUP:
            yield from _pumps(value, beginning)
        elif operator is constants.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, beginning)
        beginning += next(_examples([(operator, value)]), "")
        yield beginning, ""


_REPEATS: Final = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
_CATEGORIES: Final[Mapping[Any, str]] = {
    constants.CATEGORY_DIGIT: "0",
    constants.CATEGORY_NOT_DIGIT: "a -",
    constants.CATEGORY_SPACE: " \n\t",
    constants.CATEGORY_NOT_SPACE: "a0-",
    constants.CATEGORY_WORD: "a0",
    constants.CATEGORY_NOT_WORD: " -\n",
}
_USUAL: Final = "a0 -<\"'=;/.\n\té"


def _examples(items: Any) -> Iterator[str]:
    """Yield texts that a sequence of parts matches, the shortest ways first; few of them."""
    options = [list(islice(_of(operator, value), 6)) for operator, value in items]
    yield "".join(option[0] if option else "" for option in options)
    for place, option in enumerate(options):
        for other in option[1:]:
            yield "".join(other if place == n else (one[0] if one else "") for n, one in enumerate(options))


def _of(operator: Any, value: Any) -> Iterator[str]:
    if operator is constants.LITERAL:
        yield chr(value)
    elif operator is constants.NOT_LITERAL:
        yield from (one for one in _USUAL if one != chr(value))
    elif operator is constants.ANY:
        yield from _USUAL
    elif operator is constants.IN:
        yield from _class(value)
    elif operator is constants.BRANCH:
        for branch in value[1]:
            yield next(_examples(branch))
    elif operator is constants.SUBPATTERN:
        yield from _examples(value[-1])
    elif operator is constants.ATOMIC_GROUP:
        yield from _examples(value)
    elif operator in _REPEATS:
        least, _, body = value
        yield from (one * max(1, least) for one in _examples(body))


def _class(members: Sequence[tuple[Any, Any]]) -> Iterator[str]:
    if members[0][0] is constants.NEGATE:
        yield from (one for one in _USUAL if not any(_holds(one, member) for member in members[1:]))
        return
    for operator, value in members:
        if operator is constants.LITERAL:
            yield chr(value)
        elif operator is constants.RANGE:
            yield chr(value[0])
        elif operator is constants.CATEGORY:
            yield from _CATEGORIES[value]


def _holds(one: str, member: tuple[Any, Any]) -> bool:
    operator, value = member
    if operator is constants.LITERAL:
        return bool(ord(one) == value)
    if operator is constants.RANGE:
        return bool(value[0] <= ord(one) <= value[1])
    held: str = _CATEGORIES[value]
    return one in held
