"""Which files are captures, and what their sidecars say of them.

Names that begin with a dot and links to folders are passed over, and so is every file
that is no capture by its name; a sidecar line about one of them is wrong. ``.json`` and ``.xml``
files are captures where a sidecar names them, or where they are given themselves. A capture
that has no time has none: nothing is taken from the file's own dates, which tell when it was
copied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

from psgcrawl import site
from psgcrawl.captures.capture import where
from psgcrawl.captures.sidecar import SIDECAR, WARCS, Sidecar, read_sidecar
from psgcrawl.errors import BadCapture, UsageError
from psgcrawl.layouts.reading import MAX_BYTES
from psgcrawl.records import Basis, Captured

MEDIA_TYPES: Final = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}
"""Files that hold one page each, and what it is."""
DESCRIBED: Final = {".json": "application/json", ".xml": "application/xml"}
"""The same of WordPress's REST API and feed. Much else is called so: what is a capture somebody has to say."""
_SUFFIXES: Final = ", ".join((*MEDIA_TYPES, *WARCS))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCapture:
    """A capture in a file, with what its sidecar says."""

    source: Traversable
    place: str
    """The file's name as a person would type it."""
    media_type: str
    url: str | None = None
    collection: str | None = None
    """As the sidecar names it; None where it does not."""
    captured_at: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    title: str | None = None
    note: str | None = None

    def read(self) -> bytes:
        """Return the file's bytes, one more than the limit at most.

        :raises BadCapture: for a file that cannot be read.
        """
        try:
            # To open a pipe would wait for a writer, for ever.
            if not self.source.is_file():
                raise BadCapture(f"{self.place}: cannot be read: no such file, or not a regular one")
            with self.source.open("rb") as file:
                return bytes(file.read(MAX_BYTES + 1))
        except OSError as error:
            raise BadCapture(f"{self.place}: cannot be read: {error.strerror or error}") from error

    def where(self) -> tuple[str, int | None]:
        """Return the collection and the position in its listing."""
        return where(self.url, self.collection)

    def captured(self) -> tuple[Captured, Basis]:
        """Return when it was captured as far as the sidecar says, and how that is known."""
        if self.captured_at is not None:
            return Captured(since=self.captured_at, until=self.captured_at), "given"
        return Captured(since=self.not_before or site.EARLIEST, until=self.not_after), "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcFile:
    """A WARC, or a WACZ with some inside, with what its sidecar says."""

    source: Traversable
    place: str
    """The file's name as a person would type it."""
    collection: str | None = None
    title: str | None = None
    note: str | None = None


Given = FileCapture | WarcFile
"""What a person gives to be taken in."""
Sidecars = list[tuple[str, Sidecar]]
"""Those of a folder and of the folders above it, each with where it stands seen from the file."""


def find(path: Traversable, shown: str) -> Iterator[Given | BadCapture]:
    """Yield the captures at ``path``, a file or a folder (recursively, sorted by name), and what is wrong.

    :param shown: how a person names ``path``; what is yielded is named below it.
    :raises UsageError: where there is nothing at ``path``, or no capture in it.
    """
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError as error:
        raise UsageError(f"path: {shown!r}: {error.strerror or error}") from error
    if is_file:
        yield from _one(path, shown)
    elif is_folder:
        found = False
        for capture in _folder(path, shown):
            found = True
            yield capture
        if not found:
            raise UsageError(f"path: {shown}: no {_SUFFIXES} file in it")
    else:
        raise UsageError(f"path: {shown!r}: no such file or folder")


def _one(path: Traversable, shown: str) -> Iterator[Given | BadCapture]:
    if not _has_suffix(path.name) and _suffix(path.name) not in DESCRIBED:
        raise UsageError(f"path: {shown}: not a capture: its name does not end in {_SUFFIXES}, {', '.join(DESCRIBED)}")
    sidecar = Sidecar()
    parent = getattr(path, "parent", None)
    place = str(PurePosixPath(shown).parent / SIDECAR)
    if parent is not None and (parent / SIDECAR).is_file():
        sidecar = read_sidecar(parent / SIDECAR, place)
    # Only what the sidecar says of this one file matters here.
    yield from (problem for name, problem in sidecar.problems if name in {None, path.name})
    yield from _described(path, shown, path.name, [("", sidecar)])


def _folder(folder: Traversable, shown: str) -> Iterator[Given | BadCapture]:
    """Yield what is in ``folder``; the sidecar of a folder speaks for the folders below it, too."""
    yield from _below(folder, shown, [], "")


def _below(folder: Traversable, shown: str, above: Sidecars, prefix: str) -> Iterator[Given | BadCapture]:
    sidecars = above
    own: Sidecar | None = None
    try:
        described = (folder / SIDECAR).is_file()
        items = sorted(folder.iterdir(), key=lambda item: item.name)
    except OSError as error:
        yield BadCapture(f"{shown}: cannot be read: {error.strerror or error}")
        return
    if described:
        own = read_sidecar(folder / SIDECAR, f"{shown}/{SIDECAR}")
        sidecars = [*above, (prefix, own)]
        yield from (problem for _, problem in own.problems)
    for item in items:
        name, place = prefix + item.name, f"{shown}/{item.name}"
        if item.name.startswith("."):
            continue
        if item.is_dir():
            # A link to a folder could lead round in a circle.
            if not getattr(item, "is_symlink", lambda: False)():
                yield from _below(item, place, sidecars, name + "/")
        elif _has_suffix(item.name) or (_suffix(item.name) in DESCRIBED and _is_described(name, sidecars)):
            yield from _described(item, place, name, sidecars)
    if own is not None:
        yield from own.unmet(folder, f"{shown}/{SIDECAR}")


def _described(item: Traversable, place: str, name: str, sidecars: Sidecars) -> Iterator[Given | BadCapture]:
    """Yield a file as the nearest sidecar that knows it describes it; nothing where that line is wrong."""
    for prefix, sidecar in sidecars:
        sidecar.met.add(name.removeprefix(prefix))
    for prefix, sidecar in reversed(sidecars):
        relative = name.removeprefix(prefix)
        if relative in sidecar.wrong:
            # Said already, with its line.
            return
        if relative in sidecar.lines:
            yield _given(item, place, **sidecar.lines[relative])
            return
        if sidecar.torn:
            yield BadCapture(f"{place}: held back: a line of its sidecar cannot be read and may be about it")
            return
    yield _given(item, place)


def _given(item: Traversable, place: str, **said: str | None) -> Given:
    media_type = {**MEDIA_TYPES, **DESCRIBED}.get(_suffix(item.name))
    if media_type is not None:
        return FileCapture(source=item, place=place, media_type=media_type, **said)
    of_all = {key: said.get(key) for key in ("collection", "title", "note")}
    return WarcFile(source=item, place=place, **of_all)


def _has_suffix(name: str) -> bool:
    return _suffix(name) in MEDIA_TYPES or name.lower().endswith(WARCS)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_described(name: str, sidecars: Sidecars) -> bool:
    """Tell whether a sidecar has a line about a file, right or wrong."""
    return any(name.removeprefix(prefix) in {*sidecar.lines, *sidecar.wrong} for prefix, sidecar in sidecars)
