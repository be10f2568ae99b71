"""The editions of one snapshot: none is missing, each was derived from one before it, or gave its bytes up.

A redaction commits an edition with a WARC of its own, and declares in its manifest which
records lost their bytes; then the files of the editions before it go, all but their
manifests. That is the one case in which files may be missing.
"""

from collections.abc import Sequence

from psgcrawl.archive import names
from psgcrawl.archive.manifest import KEPT_APART, MANIFEST, WARC, Manifest
from psgcrawl.archive.verify.findings import Findings
from psgcrawl.archive.verify.folders import Checked

REDACTED = "redacted, declared"


def check_editions(editions: Sequence[Checked], findings: Findings) -> None:
    """Tell what is wrong among ``editions``, all those of one snapshot that are there, in their order."""
    numbers = [_number(edition) for edition in editions]
    for number in sorted(set(range(1, numbers[-1])) - set(numbers)):
        findings.damaged(editions[-1].folder, f"there is no edition {number} before it")
    for place, edition in enumerate(editions):
        _check_origin(edition, editions[:place], findings)
        _check_missing(edition, editions[place + 1 :], findings)


def is_redacted(edition: Checked, later: Sequence[Checked]) -> bool:
    """Tell whether one of the editions ``later`` declares that bytes of ``edition`` had to go."""
    if edition.manifest is None or not later:
        return False
    own = _redacted(edition.manifest)
    return any(other.manifest and _has_evidence(other.manifest) and _redacted(other.manifest) - own for other in later)


def _check_origin(edition: Checked, before: Sequence[Checked], findings: Findings) -> None:
    if edition.manifest is None:
        return
    origin = edition.manifest.provenance.derived_from
    if origin is None and _number(edition) == 1:
        return
    place = edition.folder / MANIFEST
    if origin is None:
        findings.damaged(place, "a later edition that does not say from which it was derived")
        return
    named = next((other for other in before if other.name == origin.name), None)
    if named is None:
        findings.damaged(place, f"derived from {origin.name!r}, which is no edition before it")
    elif named.manifest and named.manifest.sha256 != origin.sha256:
        findings.damaged(
            place, f"derived from {origin.name} with the manifest {origin.sha256}, which is {named.manifest.sha256}"
        )


def _check_missing(edition: Checked, later: Sequence[Checked], findings: Findings) -> None:
    if not is_redacted(edition, later):
        for name in edition.missing:
            findings.damaged(edition.folder / name, "the file is missing")
    elif left := ", ".join(name for name in edition.present if not _is_manifest(name)):
        findings.noted(edition.folder, f"{REDACTED}, but not yet done: still there: {left}")
    else:
        findings.noted(edition.folder, f"{REDACTED}: of this edition only {MANIFEST} is kept")


def _is_manifest(name: str) -> bool:
    """Tell whether a file holds nothing that a page showed: the manifest from before a person accepted the crawl."""
    return name.startswith(KEPT_APART.partition(".")[0])


def _number(edition: Checked) -> int:
    parsed = names.parse(edition.name)
    return parsed.edition if parsed else 1


def _redacted(manifest: Manifest) -> set[str]:
    return {redaction.record for redaction in manifest.provenance.redactions}


def _has_evidence(manifest: Manifest) -> bool:
    return any(file.path == WARC for file in manifest.files)
