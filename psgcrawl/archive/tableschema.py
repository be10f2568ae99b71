"""Records -> Table Schema (https://datapackage.org/standard/table-schema/), from their own types and descriptions."""

from functools import cache
from typing import Any, Final, get_args

import msgspec.inspect as types

from psgcrawl.records import Day, Instant

_PATTERNS: Final = {get_args(Day)[1].pattern: "date", get_args(Instant)[1].pattern: "datetime"}


@cache
def table_schema(kind: type, key: str | None = None) -> dict[str, Any]:
    """Return the Table Schema of lines that hold records of type ``kind``, fields in their order.

    ``required`` means: never null. An empty string is a value, not a missing one. Every manifest has the same two, and
    to look into the types takes 4 ms each time: what is returned is kept, and not to be changed.

    :param key: the field that is unique in the file, if there is one
    """
    info = types.type_info(kind)
    if not isinstance(info, types.StructType):
        raise TypeError(f"{kind!r} is no record")
    schema: dict[str, Any] = {"fields": [_field(field) for field in info.fields], "missingValues": []}
    if key is not None:
        schema["primaryKey"] = [key]
    return schema


def _field(field: types.Field) -> dict[str, Any]:
    inner, description = _strip(field.type)
    constraints: dict[str, Any] = {}
    if isinstance(inner, types.UnionType):
        inner = next(member for member in inner.types if not isinstance(member, types.NoneType))
    else:
        constraints["required"] = True
    form = _form(inner)
    if isinstance(inner, types.LiteralType):
        constraints["enum"] = list(inner.values)
    if form == "string" and isinstance(inner, types.StrType) and inner.pattern:
        constraints["pattern"] = inner.pattern
    described: dict[str, Any] = {"name": field.encode_name, "type": form, "description": description}
    return described | ({"constraints": constraints} if constraints else {})


def _strip(kind: types.Type) -> tuple[types.Type, str]:
    description = ""
    while isinstance(kind, types.Metadata):
        description = (kind.extra_json_schema or {}).get("description", description)
        kind = kind.type
    return kind, description


def _form(kind: types.Type) -> str:
    match kind:
        case types.StrType(pattern=pattern) if pattern in _PATTERNS:
            return _PATTERNS[pattern]
        case types.StrType() | types.LiteralType():
            return "string"
        case types.IntType():
            return "integer"
        case types.ListType():
            return "array"
        case types.StructType() | types.DataclassType():
            return "object"
    raise TypeError(f"no type of Table Schema for {kind!r}")
