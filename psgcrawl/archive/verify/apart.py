"""Folders that are kept apart, as far as there is something to check them against.

A run that died leaves files of which nobody said what they should be, and people may
take such a folder away, or accept it: so nothing is missed there, and what has no
manifest is passed over and counted.
"""

import os
from pathlib import Path

from psgcrawl.archive import names
from psgcrawl.archive.manifest import MANIFEST, read_manifest
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.verify.folders import Checked, check_folder
from psgcrawl.archive.verify.log import Logged
from psgcrawl.errors import DamagedData


def check_kept_apart(parent: Path, logged: Logged, findings: Findings) -> None:
    """Check the folders kept apart in ``parent``, a collection or the archive itself, and tell what is found."""
    try:
        found = sorted(path.name for path in parent.iterdir() if names.kept_apart(path.name))
    except OSError:
        # Whoever listed the snapshots told it.
        return
    for name in found:
        folder = parent / name
        sha256, place = logged.kept_apart.get((parent.name, name), (None, ""))
        if name.startswith(".staging-") or (sha256 is None and not _has_manifest(folder)):
            # Its manifest is written last: one that is being written, or was when the run died, is none yet.
            findings.tally.passed_over += 1
        else:
            _check(folder, sha256, place, findings)


def _has_manifest(folder: Path) -> bool:
    try:
        return (folder / MANIFEST).is_file() and read_manifest(folder) is not None
    except (DamagedData, OSError):
        return False


def _check(folder: Path, sha256: str | None, place: str, findings: Findings) -> None:
    later = Findings(findings.archive, lambda finding: told.append((finding.place, finding.text)))
    told: list[tuple[str, str]] = []
    checked = check_folder(folder, later)
    for name in checked.missing:
        later.damaged(folder / name, "the file is missing")
    if not os.path.lexists(folder):
        # Renamed meanwhile: accepted, or set aside.
        return
    for where, text in told:
        findings.damaged(where, text)
    findings.tally.kept_apart += 1
    findings.tally.files += later.tally.files
    findings.tally.bytes += later.tally.bytes
    _compare(checked, sha256, place, findings)


def _compare(checked: Checked, sha256: str | None, place: str, findings: Findings) -> None:
    if sha256 is not None and checked.manifest and checked.manifest.sha256 != sha256:
        findings.damaged(
            checked.folder / MANIFEST,
            f"SHA-256 is {checked.manifest.sha256}, {place}, by which it was kept apart, has {sha256}",
        )
