"""``python -m tests.torture.disks``: runs on a full disk, with ever more room until there is enough.

The disk is a tmpfs, which grows in steps of 4 KiB, or of one inode. Needs the rights to mount.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from psgcrawl.run import FAILED
from tests.torture import calls, children, sound
from tests.torture.figures import Figures, concluded, tell

PAGE: Final = 4096
ROOMY: Final = "size=64m,nr_inodes=10000"
NUMBER: Final = 2
MOST: Final = 1000
"""Units of room at which a run that still fails does so for another reason."""


def unable() -> str | None:
    """Say why nothing can be mounted here; None where it can."""
    with tempfile.TemporaryDirectory(prefix="torture-disk-") as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ROOMY, "none", folder], capture_output=True, text=True, check=False
        )
        if tried.returncode != 0:
            return f"a tmpfs cannot be mounted: {tried.stderr.strip()}"
        subprocess.run(["umount", folder], check=True)
    return None


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Mount a tmpfs for as long as the block lasts."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", ROOMY, "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def torture(step: int) -> Iterator[Figures]:
    """Fill the disk by bytes, then by inodes."""
    folder = Path(tempfile.mkdtemp(prefix="torture-disks-"))
    try:
        ready = folder / "ready" / "archive"
        ready.mkdir(parents=True)
        calls.commit(ready)
        disk = folder / "disk"
        disk.mkdir()
        for name, option, unit in (("bytes, in steps of 4 KiB", "size", PAGE), ("inodes", "nr_inodes", 1)):
            figures = Figures(f"a disk full of {name}")
            filled = partial(_filled, disk, ready, option, unit)
            room, code = 0, FAILED
            while code != 0 and room < MOST:
                code, problems = filled(room)
                figures.points += 1
                figures.add(f"{option} + {room * unit}", problems)
                room += step
            yield figures
    finally:
        shutil.rmtree(folder)


def _filled(disk: Path, ready: Path, option: str, unit: int, room: int) -> tuple[int, list[str]]:
    """Run with room for so many units more than are taken; return the exit code, and what is violated."""
    with mounted(disk):
        archive = disk / "archive"
        shutil.copytree(ready, archive, symlinks=True)
        before = sound.State.of(archive)
        _remount(disk, f"{option}={(_taken(disk, option) + room) * unit}")
        code = children.plain(archive, NUMBER)
        _remount(disk, ROOMY)
        return code, list(calls.after(archive, before, NUMBER, code))


def _remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def _taken(disk: Path, option: str) -> int:
    """Return how many units are taken now."""
    words = (
        ["df", "-B", str(PAGE), "--output=used", str(disk)] if option == "size" else ["df", "--output=iused", str(disk)]
    )
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1])


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--step", type=int, default=1, help="grow by so many pages or inodes at a time")
    args = parser.parse_args()
    reason = unable()
    if reason is not None:
        tell(str(Figures("full disks", skipped=reason)))
        return 0
    return concluded(torture(args.step))


if __name__ == "__main__":
    sys.exit(main())
