"""The machine on which is measured, and what competes, by name and version."""

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

RIVALS: Final = "duckdb fastwarc lxml msgspec orjson parsel pyarrow Scrapy sqlite-utils warcio".split()
PROGRAMS: Final = "cat comm diff git sha256sum sort".split()


def described() -> dict[str, object]:
    """Return what is to be known of the machine, in words and numbers."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "processors": cpus,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in RIVALS},
        "programs": {name: _said(name) for name in PROGRAMS},
    }


def load() -> float:
    """Return how many processes wanted a processor in the last minute: more than there are, and clocks mean little."""
    return round(os.getloadavg()[0], 1)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _said(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()
    return said[0] if said else None
