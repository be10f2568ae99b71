"""What a site answered when a web archive captured it, out of what the web archive answers today.

Archives hand on the header of the captured page under names that begin with
``X-Archive-Orig-``, some of its fields also, or only, under their own names; what else is
in their answer is their own. They undo chunks; a packed body comes packed, or not, or was
packed for the way by a server in between.
"""

from collections.abc import Callable
from typing import Final

from psgcrawl.archive.warc.digests import agrees
from psgcrawl.archive.warc.message import Message
from psgcrawl.errors import UnreadablePage

_ORIGINAL: Final = b"x-archive-orig-"
_HANDED_ON: Final = (b"content-type", b"content-encoding", b"content-length", b"location")
"""Headers that archives hand on under their own names."""
_PACKED: Final = b"content-encoding"
_UNDONE: Final = frozenset({b"transfer-encoding"})
_UNPACKED: Final = _UNDONE | {_PACKED, b"content-length"}


def captured_message(answer: Message, digest: str | None, target: Callable[[str], str], limit: int) -> Message:
    """Return the response that was captured, without transfer encoding.

    A body that came packed stays so, unless the digest says that the site had not packed it:
    then a server on the way did. Where the archive has unpacked one, it says no more that it is packed.

    :param answer: the web archive's, with the body as it came
    :param digest: the payload's, as the index has it: base 32
    :param target: what an address in ``Location`` leads to on the site, where it leads into the archive
    :param limit: bytes that are unpacked at most
    """
    own = {name[len(_ORIGINAL) :].lower() for name, _ in answer.headers if name.lower().startswith(_ORIGINAL)}
    headers = [
        (name[len(_ORIGINAL) :] if name.lower().startswith(_ORIGINAL) else name, value)
        for name, value in answer.headers
        if name.lower().startswith(_ORIGINAL) or (name.lower() in _HANDED_ON and name.lower() not in own)
    ]
    body = answer.body
    is_packed = any(name.lower() == _PACKED for name, _ in answer.headers)
    if is_packed and not _fits(body, digest):
        content = _content(answer, limit)
        if content is not None and _fits(content, digest):
            body, is_packed = content, False
    # The length is that of what was packed; the chunks are undone.
    untrue = _UNDONE if is_packed or not any(name.lower() == _PACKED for name, _ in headers) else _UNPACKED
    told = tuple(
        (name, _moved(value, target) if name.lower() == b"location" else value)
        for name, value in headers
        if name.lower() not in untrue
    )
    return Message(answer.start, told, body)


def _moved(value: bytes, target: Callable[[str], str]) -> bytes:
    return target(value.decode("latin-1")).encode("latin-1", "backslashreplace")


def _content(answer: Message, limit: int) -> bytes | None:
    try:
        content = answer.content(limit)
    except UnreadablePage:
        return None
    return content if len(content) <= limit else None


def _fits(body: bytes, digest: str | None) -> bool:
    return digest is not None and agrees(f"sha1:{digest}", body) is True
