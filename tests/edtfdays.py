"""Days of an EDTF date, as an independent library reads it."""

import time

import edtf


def oracle_days(edtf_date: str) -> tuple[str, str]:
    """Return the first and the last day that the library ``edtf`` takes from ``edtf_date``."""
    parsed = edtf.parse_edtf(edtf_date)
    first, last = parsed.lower_strict(), parsed.upper_strict()
    return time.strftime("%Y-%m-%d", first), time.strftime("%Y-%m-%d", last)
