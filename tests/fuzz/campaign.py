"""One target fuzzed for some time, in a process of its own: how often it ran, and what was found."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.fuzz.target import PROJECT, Target, name_of

SECONDS: Final = 20
"""Wall time after which one input is a find: none of :attr:`Target.longest` bytes needs a hundredth of it."""
MEGABYTES: Final = 1024
"""Memory above which is a find; the interpreter and libFuzzer's own books take a third of it."""
_START: Final = 120
"""Seconds that the start of the process and its end may take on a busy machine."""

_EXECUTED: Final = re.compile(r"^stat::number_of_executed_units:\s*([0-9]+)", re.MULTILINE)
_SAID: Final = re.compile(r"=== Uncaught Python exception: ===\n(.*)", re.DOTALL)


@dataclass
class Fuzzed:
    """What became of it."""

    name: str
    executions: int = 0
    finds: list[Path] = field(default_factory=list)
    """Files with the bytes that were found, kept in the regression corpus."""
    said: str = ""
    """What the process said, where it found something or could not run."""
    failed: bool = False


def fuzz(module: str, seconds: int, known: Sequence[Path], finds: Path) -> Fuzzed:
    """Fuzz the target of a module.

    :param known: folders with inputs to begin with; what widens the coverage is added to the first
    :param finds: the folder in which every find is kept
    """
    fuzzed = Fuzzed(module.rpartition(".")[2])
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=memory if memory.is_dir() else None) as name:
        scratch = Path(name)
        target = import_module(module).TARGET
        ended = _run(module, _options(target, seconds, scratch), known, scratch)
        fuzzed.executions = sum(map(int, _EXECUTED.findall(ended.stderr)))
        for found in sorted(scratch.glob("found-*")):
            finds.mkdir(parents=True, exist_ok=True)
            data = found.read_bytes()
            fuzzed.finds.append(finds / name_of(data))
            fuzzed.finds[-1].write_bytes(data)
    fuzzed.failed = ended.returncode != 0 or not fuzzed.executions
    if fuzzed.failed:
        # The traceback is on standard output.
        told = _SAID.search(ended.stdout)
        fuzzed.said = told[1].strip() if told else f"{ended.stdout}{ended.stderr}"[-2000:]
    return fuzzed


def _options(target: Target, seconds: int, scratch: Path) -> list[str]:
    seeds, words = scratch / "seeds", scratch / "words"
    seeds.mkdir()
    for seed in target.seeds():
        (seeds / name_of(seed)).write_bytes(seed)
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), "ascii")
    return [
        f"-max_total_time={seconds}",
        # The same start each time: what is tried differs only by how far the time goes.
        "-seed=1",
        f"-max_len={target.longest}",
        f"-timeout={SECONDS}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-artifact_prefix={scratch}/found-",
        f"-dict={words}",
        "-print_final_stats=1",
        str(seeds),
    ]


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _run(module: str, options: Iterable[str], known: Sequence[Path], scratch: Path) -> subprocess.CompletedProcess[str]:
    for folder in known:
        folder.mkdir(parents=True, exist_ok=True)
    folders = [str(folder) for folder in known]
    files = scratch / "files"
    files.mkdir()
    # What targets write goes away with the rest, however their process ends.
    environ = {**os.environ, "TMPDIR": str(files), "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])}
    limit = next(int(option.partition("=")[2]) for option in options if option.startswith("-max_total_time="))
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.running", module, *folders, *options],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=limit + SECONDS + _START,
        check=False,
    )
