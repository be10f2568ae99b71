"""Words, and which entries have them, in bounded memory: blocks of them are sorted on disk, and merged."""

import heapq
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import IO, Final, NamedTuple

from psgcrawl.archive import jsonl
from psgcrawl.archive.temporary import Temporary

BLOCK: Final = 24_000_000
"""Bytes that a block takes in memory, about."""
_WORD: Final = 200
_PLACE: Final = 8
"""What Python needs for a word, and for each of its places."""


class Held(NamedTuple):
    """A word with its places, in their order."""

    shelf: str
    word: str
    places: list[int]


_BY_WORD: Final = itemgetter(0, 1)


class Postings(Temporary):
    """Takes words with their places, which grow, and yields them word by word. Its blocks are temporary files."""

    def __init__(self, block: int = BLOCK) -> None:
        """Start without words.

        :param block: bytes of memory that they may take, about
        """
        super().__init__()
        self._most = block
        self._taken = 0
        self._words: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._blocks: list[IO[bytes]] = []

    def add(self, words: Iterable[str], place: int) -> None:
        """Say that there is a place at which words are; no word may be named twice for one place."""
        known, before = self._words, len(self._words)
        for word in words:
            known[word].append(place)
            self._taken += _PLACE
        self._taken += _WORD * (len(known) - before)

    def rest(self, letters: int) -> None:
        """Set down what is in memory, if it is much.

        :param letters: as :func:`shelf` has it; always the same
        """
        if self._taken >= self._most:
            file = self._open.enter_context(tempfile.TemporaryFile(prefix="psgcrawl-"))  # noqa: SIM115 - closed with the others
            file.writelines(jsonl.dumps(one) + b"\n" for one in self._sorted(letters))
            self._blocks.append(file)
            self._words.clear()
            self._taken = 0

    def shelves(self, letters: int) -> Iterator[tuple[str, Iterator[tuple[str, Iterator[int]]]]]:
        """Yield each shelf with its words and their places, all in their order: each to be looked through in its turn.

        :param letters: as :func:`shelf` has it
        """
        # Of equal words, those of earlier blocks come first, and so do their places.
        merged = heapq.merge(*map(_read, self._blocks), self._sorted(letters), key=_BY_WORD)
        for shelf_, its in groupby(merged, itemgetter(0)):
            yield shelf_, _words(its)

    def _sorted(self, letters: int) -> Iterator[Held]:
        for name, word in sorted((shelf(word, letters), word) for word in self._words):
            yield Held(name, word, self._words[word].tolist())


def shelf(word: str, letters: int) -> str:
    """Return which file holds a word.

    >>> shelf("mining", 2), shelf("mining", 1), shelf("汉字", 2)
    ('mi', 'm', '__')
    """
    start = word[:letters]
    return start if start.isascii() else "".join(char if char.isascii() else "_" for char in start)


def _read(file: IO[bytes]) -> Iterator[Held]:
    decode = jsonl.decoder(Held).decode
    file.seek(0)
    return map(decode, file)


def _words(held: Iterable[Held]) -> Iterator[tuple[str, Iterator[int]]]:
    for word, its in groupby(held, itemgetter(1)):
        yield word, chain.from_iterable(one.places for one in its)
