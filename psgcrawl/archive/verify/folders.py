"""The files of one folder (a snapshot in one edition, or one kept apart) against its manifest."""

import os
from pathlib import Path

from msgspec import Struct, field

from psgcrawl.archive import durable
from psgcrawl.archive.manifest import MANIFEST, Manifest, StoredFile, read_manifest
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.errors import DamagedData


class Checked(Struct):
    """A folder that was looked at."""

    folder: Path
    manifest: Manifest | None = None
    """None where it cannot be read: that was told."""
    missing: list[str] = field(default_factory=list)
    """Files that the manifest names and that are not there: not told, for a redaction may account for them."""
    present: list[str] = field(default_factory=list)
    """Files that the manifest names and that are there, sound or not."""
    readable: bool = True
    """Whether what is there are files: opening a pipe would wait for ever."""

    @property
    def whole(self) -> bool:
        """Whether all files that the manifest names are there and can be opened."""
        return self.manifest is not None and self.readable and not self.missing

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name


def check_folder(folder: Path, findings: Findings) -> Checked:
    """Hash every file of ``folder``, and tell what is not as the manifest says; what is missing is returned."""
    checked = Checked(folder)
    try:
        with os.scandir(folder) as entries:
            found = {entry.name: _is_file(entry) for entry in entries}
    except OSError as error:
        findings.raised(folder, error)
        return checked
    if not found.pop(MANIFEST, False):
        findings.damaged(folder / MANIFEST, "the file is missing, or no file")
        return checked
    try:
        checked.manifest = read_manifest(folder)
    except (DamagedData, OSError) as error:
        findings.raised(folder / MANIFEST, error)
        return checked
    for stated in checked.manifest.files:
        is_file = found.pop(stated.path, None)
        if is_file is None:
            checked.missing.append(stated.path)
        elif not is_file:
            checked.readable = False
            findings.damaged(folder / stated.path, "no file")
        else:
            checked.present.append(stated.path)
            _compare(f"{folder}/{stated.path}", stated, findings)
    for name in sorted(found):
        findings.damaged(folder / name, "not in the manifest")
    return checked


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell whether ``entry`` is a file or a link to one: a pipe in its place would be waited for, for ever."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _compare(path: str, stated: StoredFile, findings: Findings) -> None:
    try:
        length, sha256 = durable.digest(path)
    except OSError as error:
        findings.raised(path, error)
        return
    findings.tally.files += 1
    findings.tally.bytes += length
    if length != stated.bytes:
        findings.damaged(path, f"{length} bytes, the manifest says {stated.bytes}")
    elif sha256 != stated.sha256:
        findings.damaged(path, f"SHA-256 is {sha256}, the manifest says {stated.sha256}")
