"""``python -m tests.torture.power``: the power goes at every call by which a run changes what is on disk.

The archive is on an ext4 in a file. Where the run is killed, that file is copied as it
is then: with what was written to the disk, without what waits in memory. The copy is
mounted, as a machine does that comes up again. A run whose ``fsync`` does nothing is
cut in the same way, and there data must be lost: else this would prove nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tests.torture import calls, children, driver, sound
from tests.torture.figures import Figures, concluded, scratch, tell

MEGABYTES: Final = 6
NUMBER: Final = 2
# Nothing is written by itself while a run lasts: only what was asked for is on disk.
MOUNTED: Final = "loop,commit=600,noauto_da_alloc,nodelalloc"


def unable() -> str | None:
    """Say why no file system can be made and mounted here; None where it can."""
    reason = children.unable()
    if reason is not None:
        return reason
    if shutil.which("mkfs.ext4") is None:
        return "mkfs.ext4 is not installed (Debian: apt-get install e2fsprogs)"
    with tempfile.TemporaryDirectory(prefix="torture-power-") as folder:
        try:
            image = _image(Path(folder))
            with mounted(image, Path(folder) / "disk"):
                pass
        except subprocess.CalledProcessError as error:
            return f"an ext4 in a file cannot be mounted: {error.stderr!s}"
    return None


def _image(folder: Path) -> Path:
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    _do("mkfs.ext4", "-q", "-O", "^resize_inode", str(image))
    (folder / "disk").mkdir()
    return image


@contextmanager
def mounted(image: Path, disk: Path) -> Iterator[Path]:
    """Mount an image for as long as the block lasts; give the folder in which the archive is."""
    _do("mount", "-o", MOUNTED, str(image), str(disk))
    try:
        (disk / "sandbox").mkdir(exist_ok=True)
        yield disk / "sandbox" / "archive"
    finally:
        _do("umount", str(disk))


def forgetful(work: Callable[[], int]) -> int:
    """Do ``work`` with an ``fsync`` and an ``fdatasync`` that do nothing."""
    # In this process alone, which ends with the work.
    os.fsync = os.fdatasync = lambda _: None  # type: ignore[assignment]
    return work()


def torture(step: int) -> Iterator[Figures]:
    """Cut the power at every call; then at those of a run that forgets to sync, which must lose something."""
    with scratch() as folder:
        ready = _image(folder)
        with mounted(ready, folder / "disk") as archive:
            archive.mkdir()
            calls.commit(archive)
        yield _cuts(folder, ready, step, "power cuts", lambda work: work)
        lost = _cuts(folder, ready, step, "power cuts without fsync", lambda work: partial(forgetful, work), quiet=True)
        found = len(lost.violations)
        lost.notes.append(f"{found} losses found, as there must be")
        lost.violations = [] if found else ["nothing was lost: the cuts prove nothing"]
        yield lost


Way = Callable[[Callable[[], int]], Callable[[], int]]


def _cuts(folder: Path, ready: Path, step: int, name: str, way: Way, *, quiet: bool = False) -> Figures:
    figures = Figures(name)
    disk, live = folder / "disk", folder / "live"
    shutil.copyfile(ready, live)
    with mounted(live, disk) as archive:
        code, log = children.traced(way(partial(driver.work, archive, NUMBER)))
        assert code == 0, log[-2000:]
    points: list[children.Point | None] = [*children.points(log, children.CHANGING)[::step], None]
    for point in points:
        figures.points += 1
        problems = list(_cut(folder, ready, point, way))
        if quiet:
            figures.runs += 1
            figures.violations += problems
        else:
            figures.add(str(point or "after the end"), problems)
    return figures


def _cut(folder: Path, ready: Path, point: children.Point | None, way: Way) -> Iterator[str]:
    disk, live, cut = folder / "disk", folder / "live", folder / "cut"
    shutil.copyfile(ready, live)
    with mounted(live, disk) as archive:
        before = sound.State.of(archive)
        inject = [] if point is None else ["-e", f"inject={point.call}:signal=SIGKILL:when={point.number}"]
        code, _ = children.traced(way(partial(driver.work, archive, NUMBER)), *inject)
        shutil.copyfile(live, cut)
    try:
        with mounted(cut, disk) as archive:
            yield from calls.after(archive, before, NUMBER, code)
    except (OSError, subprocess.CalledProcessError) as error:
        yield f"the file system cannot be used: {error}"


def _do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--step", type=int, default=1, help="cut at every Nth call")
    args = parser.parse_args()
    reason = unable()
    if reason is not None:
        tell(str(Figures("power cuts", skipped=reason)))
        return 0
    return concluded(torture(args.step))


if __name__ == "__main__":
    sys.exit(main())
