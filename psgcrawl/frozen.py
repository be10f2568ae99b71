"""What the records are: structs that answer as frozen data classes do, to whoever asks.

Programs beside this one take records for what the data classes of Python are:
:mod:`itemadapter` knows an item by it (pipelines and exporters that others wrote for
Scrapy), and so do :func:`dataclasses.fields`, ``asdict`` and ``replace``. What they
look at is made when somebody first asks: no command of this project does, or pays for it.
"""

from typing import Any, Final, get_type_hints

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields


class _OfTwin:
    """An attribute that is the one of the data class with the same fields."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, record: Struct | None, kind: type[Struct]) -> Any:  # noqa: ANN401 - as data classes have it
        """Return it, made once a class.

        Raises:
            AttributeError: on the class of which all records are, which has no fields.
        """
        if not kind.__struct_fields__:
            raise AttributeError(self.name)
        twin = _TWINS.get(kind)
        if twin is None:
            twin = _TWINS[kind] = _twin(kind)
        return getattr(twin, self.name)


_TWINS: Final[dict[type[Struct], type]] = {}


def _twin(kind: type[Struct]) -> type:
    """Return the frozen data class of the same name, with the same fields, types and defaults."""
    # Loaded where somebody asks: most commands do without, and so answer sooner.
    import dataclasses  # noqa: PLC0415 - see above

    types = get_type_hints(kind, include_extras=True)

    def default(one: Any) -> Any:  # noqa: ANN401 - as msgspec has it
        if one.default is not NODEFAULT:
            return dataclasses.field(default=one.default)
        if one.default_factory is not NODEFAULT:
            return dataclasses.field(default_factory=one.default_factory)
        return dataclasses.field()

    return dataclasses.make_dataclass(
        kind.__name__,
        [(one.name, types[one.name], default(one)) for one in fields(kind)],
        frozen=True,
        kw_only=True,
    )


class Record(Struct, frozen=True):
    """A record: told by name, compared by its fields, never changed. Subclasses say ``frozen=True, kw_only=True``."""

    __dataclass_fields__ = _OfTwin()
    __dataclass_params__ = _OfTwin()
