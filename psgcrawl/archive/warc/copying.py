"""Records of a WARC of ours, copied into the evidence of a run with all that belongs to them."""

from collections.abc import Collection
from pathlib import Path

from psgcrawl.archive.warc.reading import member_at, read
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member, Spool


def copy_records(path: Path, wanted: Collection[str], spool: Spool) -> None:
    """Copy records of a WARC of ours member for member: with their requests, ``warcinfo``, and what they repeat.

    :raises DamagedData: ``path: byte N: problem``
    """
    with path.open("rb") as file:
        # Their blocks are not needed: what is copied are the members as they stand.
        found = {one.record.id: one for one in read(file, str(path), kept=0)}
    open_ = list(wanted)
    while open_:
        one = found.get(open_.pop())
        if one is None or one.record.id in spool:
            continue
        request = found.get(one.record.get("WARC-Concurrent-To") or "")
        together = sorted([one] if request is None else [request, one], key=lambda member: member.offset)
        needs = [id_ for id_ in _needs(one.record) if id_ in found]
        spool.add([Member(each.record.id, member_at(path, each.offset, each.length)) for each in together], needs)
        open_ += needs


def _needs(record: Record) -> list[str]:
    return [id_ for name in ("WARC-Warcinfo-ID", "WARC-Refers-To") if (id_ := record.get(name))]
