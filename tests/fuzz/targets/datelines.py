"""Printed lines -> datelines, and the EDTF that is written of them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, get_args
from zlib import crc32

from psgcrawl import datelines, site, text
from psgcrawl.records import Dated, Flag
from tests.edtfdays import oracle_days
from tests.fuzz.target import PROJECT, Target

_FORM: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\??|XXXX-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{2}\??(?:/[0-9]{4}-[0-9]{2}\??)?"
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_DATE: Final = frozenset({"epoch-date", "impossible-date"})
_ASKED: Final = 64
"""Of so many dates the library is asked for one: it takes 9 ms for each."""
_MONTHS: Final = "January February March April May June July August September October November December".split()


def check(data: bytes) -> None:
    """Read a line."""
    line = data.decode("utf-8", "surrogateescape")
    read = datelines.parse(line)
    assert datelines.parse(line) == read
    assert datelines.parse(text.line(line)) == read
    if read is not None:
        _is_sound(read)


def _is_sound(read: Dated) -> None:
    assert read.series in {None, *site.GROUP.series}
    assert read.issue is None or 0 <= read.issue <= 9999
    assert set(read.flags) <= set(get_args(Flag))
    assert read.flags == tuple(sorted(set(read.flags)))
    if read.edtf is None:
        assert _NO_DATE & {*read.flags}
        assert read.earliest is read.latest is None
        return
    assert _FORM.fullmatch(read.edtf)
    assert not _NO_DATE & {*read.flags}
    if read.edtf.startswith("XXXX"):
        assert "no-year" in read.flags
        assert read.earliest is read.latest is None
        return
    assert read.earliest is not None
    assert read.latest is not None
    assert read.earliest <= read.latest
    if crc32(read.edtf.encode()) % _ASKED == 0:
        assert _oracle(read.edtf) == (read.earliest, read.latest)
    if _DAY.fullmatch(read.edtf):
        year, month, day = read.edtf.split("-")
        again = datelines.parse(f"{int(day)} {_MONTHS[int(month) - 1]} {year}")
        assert again is not None
        assert (again.edtf, again.earliest, again.latest) == (read.edtf, read.earliest, read.latest)


_oracle = lru_cache(maxsize=4096)(oracle_days)


def seeds() -> Iterator[bytes]:
    """Yield the lines of the provided captures that are datelines, each form of digits once."""
    forms: dict[bytes, bytes] = {}
    for path in sorted((PROJECT / "tests" / "fixtures" / "captures").glob("*.txt")):
        for line in path.read_bytes().splitlines():
            if datelines.parse(line.decode()) is not None:
                forms.setdefault(re.sub(rb"[0-9]", b"0", line.strip()), line.strip())
    yield from forms.values()
    yield from (b"Update 137. December 2009 / January 2010", b"UPDATE 133. May / April 2009", b"27 February")
    yield from ("No. 151. 3º de diciembre del 2014".encode(), b"Peru New 057. 17 August 2010", b"153. Aug - Sep 12")


TARGET: Final = Target(
    check=check,
    seeds=seeds,
    words=[
        *(month.encode() for month in _MONTHS),
        *(b"Update", b"Peru News", b"No. ", b"issue ", b"2010", b"1969", b"'09", b" / ", b" - ", b" de ", b" and "),
        *("º".encode(), "–".encode(), b"th ", b"31", b"29", b"Monday ", b"enero", b"2004-02-29"),
    ],
    longest=120,
)
