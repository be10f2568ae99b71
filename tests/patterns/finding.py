"""Every regular expression of the package, found in its source: where it stands, what it is, how it is used."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import psgcrawl
from psgcrawl import site

PACKAGE: Final = Path(psgcrawl.__file__).parent
USES: Final = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})

LOCALS: Final[Mapping[str, Mapping[str, Any]]] = {
    "psgcrawl.archive.names": {"stem": "20170218T060000Z"},
    "psgcrawl.datelines": {
        "named": "peru\\ update|peru\\ news|update",
        "prefixes": "publicado\\ el|posted\\ on",
        "begun": "jan|feb|ene|dic",
        "profile": site.current(),
    },
    "psgcrawl.profiles.reading": {"detail": site.current().detail},
    "psgcrawl.site.profile": {"self": site.current()},
}
"""Values for names that only a call knows, by module: a pattern made of others cannot be judged without them."""


@dataclass(frozen=True)
class Pattern:
    """A pattern at one place, used in one way."""

    place: str
    """``psgcrawl.text:15``."""
    name: str | None
    """To what it is assigned, itself or in a row of others."""
    compiled: re.Pattern[Any]
    use: str
    """The method, as ``search``: an anchored pattern is cheap where it is matched, and dear where it is sought."""

    def __str__(self) -> str:
        return f"{self.place} {self.use} {self.compiled.pattern!r:.50}"


@cache
def sources() -> Mapping[str, str]:
    """Return the source of every module by its name, in the order of names."""
    return {_name(path): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def modules() -> Sequence[str]:
    """Return the names of the modules that can have patterns."""
    return [name for name, text in sources().items() if re.search(r"\bre\.", text)]


def everywhere() -> Iterator[Pattern]:
    """Yield all patterns, in the order of modules and lines."""
    for name in modules():
        yield from patterns(name)


def patterns(name: str) -> Iterator[Pattern]:
    """Yield the patterns of one of the :func:`modules`, in the order of its lines.

    :raises LookupError: for one that cannot be evaluated; :data:`LOCALS` wants a value then
    """
    known = {**_uses()[name], **_from_elsewhere(name)}
    for call, assigned in _calls(_nodes(name)):
        for compiled in _evaluated(name, call):
            ways = known.get(assigned or "", set()) or {"search"}
            for use in sorted(ways if _method(call) == "compile" else {_method(call)}):
                yield Pattern(f"{name}:{call.lineno}", assigned, compiled, use)


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _method(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


@cache
def _nodes(name: str) -> Sequence[ast.AST]:
    """Return all nodes of a module."""
    return list(ast.walk(ast.parse(sources()[name])))


def _calls(nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.Call, str | None]]:
    """Yield calls of ``re.…`` that take a pattern, each with the name that it, or what it is a part of, gets."""
    names: dict[int, str] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                names |= {id(inner): target.id for inner in ast.walk(node.value)}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and node.func.attr in {"compile", *USES}:
                yield node, names.get(id(node))


@cache
def _uses() -> Mapping[str, Mapping[str, set[str]]]:
    """Return by module, and by the last part of a name there, which methods of patterns are asked of it."""
    found: dict[str, dict[str, set[str]]] = {name: {} for name in sources()}
    for name, text in sources().items():
        for asked, method in _USE.findall(text):
            found[name].setdefault(asked, set()).add(method)
    return found


_USE: Final = re.compile(rf"\b([^\W\d]\w*)\s*\.\s*({'|'.join(sorted(USES))})\b")


def _from_elsewhere(name: str) -> dict[str, set[str]]:
    """Return the uses of public names in all modules: others may import them."""
    found: dict[str, set[str]] = {}
    for other, module in _uses().items():
        for pattern, ways in module.items():
            if other == name or not pattern.startswith("_"):
                found.setdefault(pattern, set()).update(ways)
    return found


def _evaluated(name: str, call: ast.Call) -> Iterator[re.Pattern[Any]]:
    scope = {**vars(import_module(name)), **LOCALS.get(name, {})}
    flags = _flags(call)
    for values in _loops(_nodes(name), call, scope):
        here = {**scope, **values}
        try:
            pattern = _value(call.args[0], here)
            given = re.compile(pattern, _value(flags, here) if flags is not None else 0)
        except NameError as error:
            raise LookupError(f"{name}:{call.lineno}: {error}: tests/patterns/finding.py needs a value") from error
        yield given


def _flags(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "flags":
            return keyword.value
    at = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(_method(call), 2)
    return call.args[at] if len(call.args) > at else None


def _loops(nodes: Sequence[ast.AST], call: ast.Call, scope: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what the variables of comprehensions around ``call`` are, one after the other."""
    for node in nodes:
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) and call in ast.walk(node):
            yield from _turns(node.generators, scope)
            return
    yield {}


def _turns(loops: Sequence[ast.comprehension], scope: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what the variables of loops, one within the other, are, one turn after the other."""
    if not loops:
        yield {}
        return
    outer, *inner = loops
    for value in _value(outer.iter, scope):
        names = outer.target.elts if isinstance(outer.target, ast.Tuple) else [outer.target]
        values = value if isinstance(outer.target, ast.Tuple) else [value]
        here = {one.id: item for one, item in zip(names, values, strict=True) if isinstance(one, ast.Name)}
        for rest in _turns(inner, {**scope, **here}):
            yield {**here, **rest}


def _value(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    code = compile(ast.Expression(node), "<pattern>", "eval")
    return eval(code, dict(scope))  # noqa: S307 - the package's own source
