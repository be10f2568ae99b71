import io
import zipfile
import zlib

import pytest

from psgcrawl.errors import DamagedData
from psgcrawl.exports.zipping import ZipWriter

MEMBERS = {"archive/a.warc.gz": b"evidence" * 100, "empty": b"", "pages/pages.jsonl": b"{}\n"}


class Pipe(io.RawIOBase):
    """A stream that can only be written to, as standard output."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: memoryview, /) -> int:  # type: ignore[override]
        """Take at most 7 bytes at a time."""
        self.data += data[:7]
        return len(data[:7])


def zipped(largest: int = 0xFFFFFFFF) -> bytes:
    stream = Pipe()
    writer = ZipWriter(stream, largest)
    for name, data in MEMBERS.items():
        writer.add(name, len(data), zlib.crc32(data), [data[:3], data[3:]])
    writer.close()
    return bytes(stream.data)


@pytest.mark.parametrize("largest", [0xFFFFFFFF, 500, 1], ids=["small", "ZIP64 for a member", "ZIP64 for all"])
def test_what_is_written_is_read_back(largest: int) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(largest))) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == MEMBERS
        for info in found.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.flag_bits == 0, "sizes stand in front of the data, not behind"
            assert info.external_attr >> 16 == 0o100644


def test_zip64_is_used_only_where_it_is_needed() -> None:
    assert b"PK\6\6" not in zipped()
    assert b"PK\6\6" in zipped(1)
    with zipfile.ZipFile(io.BytesIO(zipped(500))) as found:
        versions = {info.filename: info.extract_version for info in found.infolist()}
    assert versions == {"archive/a.warc.gz": 45, "empty": 45, "pages/pages.jsonl": 45}, "size, then offsets"
    with zipfile.ZipFile(io.BytesIO(zipped())) as found:
        assert {info.extract_version for info in found.infolist()} == {20}


@pytest.mark.thorough
def test_more_members_than_16_bits_can_count_are_counted() -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream)
    for number in range(0x10001):
        writer.add(f"{number}", 0, 0, [])
    writer.close()
    with zipfile.ZipFile(stream) as found:
        assert len(found.infolist()) == 0x10001


def test_the_headers_in_front_say_the_same_as_the_directory() -> None:
    data = zipped()
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        for info in found.infolist():
            local = data[info.header_offset : info.header_offset + 30]
            assert local[:4] == b"PK\3\4"
            assert int.from_bytes(local[14:18], "little") == info.CRC
            assert int.from_bytes(local[18:22], "little") == info.compress_size == info.file_size


@pytest.mark.parametrize("pieces", [[b"other"], [b"dat"], [b"data", b"!"]], ids=["other", "shorter", "longer"])
def test_a_file_that_changes_meanwhile_is_no_member(pieces: list[bytes]) -> None:
    with pytest.raises(DamagedData, match=r"a\.warc\.gz: it changed while it was read"):
        ZipWriter(Pipe()).add("a.warc.gz", 4, zlib.crc32(b"data"), pieces)
