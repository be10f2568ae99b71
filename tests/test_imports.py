"""The house: dependencies run one way, and what lies below the shells runs without Scrapy."""

import ast
import json
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psgcrawl
from tests.crawls import run

PACKAGE = Path(psgcrawl.__file__).parent
SHELLS = frozenset({"spiders", "pipelines", "middlewares", "extensions", "commands", "feeds", "loading"})
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"psgcrawl", "errors", "frozen", "records", "settings", "site", "text", "visible"}),
    frozenset({"datelines", "locking", "profiles", "urls"}),
    frozenset({"archive", "derive", "layouts", "manners", "samples"}),
    frozenset({"jobs", "webarchive"}),
    frozenset({"captures", "guards", "loglines"}),
    frozenset({"exports", "notify", "paging", "posting", "rebuild", "redact", "run", "summary"}),
    frozenset({"cli"}) | SHELLS,
    frozenset({"__main__", "schemas"}),
)
"""From the bottom up; each imports from below itself. ``psgcrawl`` stands for the package's own names."""

BESIDE = {("notify", "run"), ("records", "frozen"), ("redact", "rebuild"), ("summary", "run")}
"""Who leans on whom in its own layer."""

LOADING = """
import importlib, json, sys
loaded = {}
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded[name] = sorted({module.partition(".")[0] for module in sys.modules} & {"scrapy", "twisted"})
print(json.dumps(loaded))
"""


def modules() -> Iterator[tuple[str, Path]]:
    """Yield every module of the package by its name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def part(module: str) -> str:
    """Return which part of the house a module belongs to."""
    return module.split(".")[1] if "." in module else module


@cache
def imported(name: str) -> frozenset[str]:
    """Return the modules of this package that a module imports, wherever in it, and the roots of the others."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports of this package are absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one if one in MODULES else str(node.module) for one in whole}
    return frozenset(one if one in MODULES else one.partition(".")[0] for one in found)


def layer(module: str) -> int:
    """Return the number of a module's layer, from the bottom."""
    [number] = [number for number, parts in enumerate(LAYERS) if part(module) in parts]
    return number


def test_every_module_has_its_place_in_the_house() -> None:
    assert {part(name) for name in MODULES} <= frozenset().union(*LAYERS)


def test_a_module_imports_only_from_below_itself() -> None:
    wrong = [
        f"{name} imports {other}"
        for name in MODULES
        for other in sorted(imported(name) & MODULES.keys())
        if part(name) != part(other) and layer(other) >= layer(name) and (part(name), part(other)) not in BESIDE
    ]
    assert wrong == []


def test_shells_do_not_import_each_other() -> None:
    for name in MODULES:
        if part(name) in SHELLS:
            assert {part(other) for other in imported(name) & MODULES.keys()} & SHELLS <= {part(name)}, name


def test_below_the_shells_no_module_names_scrapy() -> None:
    for name in MODULES:
        if part(name) not in SHELLS:
            assert not imported(name) & {"scrapy", "twisted", "itemadapter"}, name


def test_what_lies_below_the_shells_loads_no_scrapy() -> None:
    below = [name for name in MODULES if part(name) not in SHELLS and not name.endswith("__main__")]
    assert {"psgcrawl.archive.write", "psgcrawl.layouts", "psgcrawl.run", "psgcrawl.captures.files"} <= set(below)
    assert {"psgcrawl.derive", "psgcrawl.summary", "psgcrawl.cli"} <= set(below)
    ran = run("-c", LOADING, *below)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == {name: [] for name in below}


def test_every_module_is_found_by_the_import_system() -> None:
    found = {info.name for info in pkgutil.walk_packages([str(PACKAGE)], "psgcrawl.")}
    assert found | {"psgcrawl"} == set(MODULES)
