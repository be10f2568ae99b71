"""Which entries of other collections the table of aliases holds to be the same."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from psgcrawl.archive.aliases import Alias, Ref
from psgcrawl.exports.source import Known
from psgcrawl.records import Kind

_Ref = tuple[str, str]


class Twins:
    """What the table links. A line that forbids goes before every line that links."""

    def __init__(self, table: Iterable[Alias]) -> None:
        """Take the table, in its order."""
        said = [(alias.verdict, _ref(alias.one), _ref(alias.other)) for alias in table]
        forbidden = {frozenset(pair) for verdict, *pair in said if verdict == "forbidden"}
        self._linked = [
            (one, other)
            for verdict, one, other in said
            if verdict == "linked" and frozenset((one, other)) not in forbidden
        ]
        self._named = {ref for pair in self._linked for ref in pair}
        self._bearers: defaultdict[_Ref, list[tuple[Kind, str]]] = defaultdict(list)

    def add(self, collection: str, known: Known) -> None:
        """Note an entry, if the table names it: to be told of all before the first question."""
        for identity in known.chain.ids if self._named else ():
            if (collection, identity) in self._named:
                self._bearers[collection, identity].append((known.chain.kind, known.key))

    def of(self, key: str) -> Sequence[str]:
        """Return the keys of the same entry in other collections, sorted."""
        return self._found.get(key, ())

    @cached_property
    def _found(self) -> dict[str, list[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for pair in self._linked:
            for here, there in (pair, pair[::-1]):
                for kind, key in self._bearers[here]:
                    found[key].update(other for its, other in self._bearers[there] if its == kind)
        return {key: sorted(others) for key, others in found.items()}


def _ref(ref: Ref) -> _Ref:
    return ref.collection, ref.id
