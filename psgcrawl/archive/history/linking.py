"""Which entries of different collections are one: what is in the table of aliases, and what the rules find.

Two collections at a time, by the rules of :mod:`psgcrawl.archive.compare.matching`;
``identity`` is the name of a detail page, under which an entry was ever listed. (The
``x-…`` of an entry without one is made of title and date, which the rule ``title``
compares anyway.) Standing blocks are no entries, and kinds are not mixed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Annotated, Final, NamedTuple, get_args

from msgspec import Meta

from psgcrawl.archive.aliases import Alias, Line, Ref
from psgcrawl.archive.compare.lines import Key, key
from psgcrawl.archive.compare.matching import Rule, match
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.observations import Note
from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Entry, Kind

_KINDS: Final[tuple[Kind, ...]] = ("entry", "notice")
_RULES: Final[tuple[Rule, ...]] = get_args(Rule)
_NO_DETAIL_PAGE: Final = "x-"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeIn:
    """What became of an entry in one collection."""

    collection: Annotated[str, Meta(description="The collection.")]
    life: Annotated[Life, Meta(description="What became of it there.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Everywhere:
    """What became of one entry in all collections: a line of ``psgcrawl history --all --jsonl``."""

    lives: Annotated[list[LifeIn], Meta(description="In each collection that listed it, by collection, then by id.")]
    links: Annotated[list[Alias], Meta(description="Why these are one entry, each as the table of aliases has it.")]


class Links(NamedTuple):
    """What was found."""

    fresh: list[Alias]
    """Links that the table does not have, by the bytes of their two entries."""
    entries: list[Everywhere]
    """The entries that are in several collections, in canonical order of their newest readings."""
    forbidden: list[Alias]
    """What persons forbid, in the order of the table."""


Node = tuple[str, int]
"""A collection, and the place of an entry among its lives."""
Pair = tuple[Node, Node]


def link(told: Mapping[str, Sequence[Life]], table: Iterable[Line], when: str, note: Note) -> Links:
    """Return which entries are one.

    :param told: the lives of each collection, in canonical order
    :param table: the table of aliases
    :param when: the time that new links bear, RFC 3339 UTC
    :param note: is told which lines of the table have no effect
    """
    linking = _Linking(told, note)
    verdicts = linking.verdicts(table)
    forbidden = {pair for pair, alias in verdicts.items() if alias.verdict == "forbidden"}
    linked = {pair: alias for pair, alias in verdicts.items() if alias.verdict == "linked"}
    fresh: dict[Pair, Alias] = {}
    for one, other in combinations(sorted(told), 2):
        for rule, pair in linking.found(one, other, linked, forbidden):
            fresh[pair] = linking.alias(rule, pair, when)
    links = linked | fresh
    groups = linking.groups(links, forbidden)
    return Links(
        sorted(fresh.values(), key=lambda alias: dumps((alias.one, alias.other))),
        [linking.everywhere(group, links) for group in sorted(groups, key=linking.newest)],
        list({id(verdicts[pair]): verdicts[pair] for pair in forbidden}.values()),
    )


class _Linking:
    def __init__(self, told: Mapping[str, Sequence[Life]], note: Note) -> None:
        self._told = told
        self._note = note
        self._by_id: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        for collection, lives in told.items():
            for number, life in enumerate(lives):
                if life.entry.kind in _KINDS:
                    for one in life.ids:
                        self._by_id[collection, one.id].append((collection, number))

    def life(self, node: Node) -> Life:
        return self._told[node[0]][node[1]]

    # --- the table ----------------------------------------------------------------------

    def verdicts(self, table: Iterable[Line]) -> dict[Pair, Alias]:
        """Return what the table says of each pair: a person's last word, or else what was found last."""
        said: dict[Pair, Alias] = {}
        for place, alias in table:
            for pair in self._meant(place, alias):
                if pair not in said or alias.of_a_person or not said[pair].of_a_person:
                    said[pair] = alias
        return said

    def _meant(self, place: str, alias: Alias) -> Iterator[Pair]:
        sides = []
        for ref in (alias.one, alias.other):
            nodes = self._by_id.get((ref.collection, ref.id))
            if not nodes:
                self._note(f"{place}: no entry {ref.id!r} in {ref.collection!r}: the line has no effect")
                return
            sides.append(nodes)
        pairs = [_pair(one, other) for one, other in product(*sides)]
        # One id can be that of an entry and of a notice; a person may mean one of each.
        alike = [pair for pair in pairs if self.life(pair[0]).entry.kind == self.life(pair[1]).entry.kind]
        yield from alike or pairs

    # --- the rules ----------------------------------------------------------------------

    def found(self, one: str, other: str, linked: Iterable[Pair], forbidden: set[Pair]) -> Iterator[tuple[Rule, Pair]]:
        """Yield the pairs of two collections that the rules find among what has no link between them."""
        taken = {node for pair in linked if {node[0] for node in pair} == {one, other} for node in pair}
        for kind in _KINDS:
            old, new = (self._left(collection, kind, taken) for collection in (one, other))
            for pair in list(self._by_identity(old, new, forbidden)):
                yield "identity", pair
            readings = [{self.life(node).id: self.life(node).entry for node in side} for side in (old, new)]
            nodes = {id(self.life(node).entry): node for node in (*old, *new)}

            def refused(ours: Entry, theirs: Entry, nodes: Mapping[int, Node] = nodes) -> bool:
                return _pair(nodes[id(ours)], nodes[id(theirs)]) in forbidden

            for rule, ours, theirs in match(*readings, by_identity=False, refused=refused):
                yield rule, _pair(nodes[id(ours)], nodes[id(theirs)])

    def _left(self, collection: str, kind: Kind, taken: set[Node]) -> dict[Node, None]:
        lives = enumerate(self._told[collection])
        nodes = ((collection, number) for number, life in lives if life.entry.kind == kind)
        return dict.fromkeys(node for node in nodes if node not in taken)

    def _by_identity(self, old: dict[Node, None], new: dict[Node, None], forbidden: set[Pair]) -> Iterator[Pair]:
        """Yield those of a common detail page, and take them out of both."""
        theirs = {identity: node for node in reversed(new) for identity in self._pages(node)}
        for ours in list(old):
            for identity in self._pages(ours):
                node = theirs.get(identity)
                if node in new and (pair := _pair(ours, node)) not in forbidden:
                    del old[ours], new[node]
                    yield pair
                    break

    def _pages(self, node: Node) -> list[str]:
        """Return the detail pages under which the entry was listed, the latest first."""
        return [one.id for one in reversed(self.life(node).ids) if not one.id.startswith(_NO_DETAIL_PAGE)]

    def alias(self, rule: Rule, pair: Pair, when: str) -> Alias:
        """Return the line for a link that was found."""
        one, other = (self.life(node) for node in pair)
        common = [identity for identity in self._pages(pair[0]) if identity in self._pages(pair[1])]
        ids = (common[0], common[0]) if rule == "identity" else (one.id, other.id)
        refs = [Ref(collection=node[0], id=identity) for node, identity in zip(pair, ids, strict=True)]
        shown = [_shows(life, identity, rule) for life, identity in zip((one, other), ids, strict=True)]
        evidence = [f"{node[0]}/{name}" for node, name in zip(pair, shown, strict=True)]
        return Alias(one=refs[0], other=refs[1], verdict="linked", rule=rule, evidence=evidence, when=when)

    # --- entries in several collections -------------------------------------------------

    def groups(self, links: Mapping[Pair, Alias], forbidden: set[Pair]) -> list[list[Node]]:
        """Return which entries are one, through however many links.

        What a person forbids is not joined in a roundabout way either: of the links that
        lead there, the weakest is left out.
        """
        group: dict[Node, set[Node]] = {node: {node} for pair in links for node in pair}
        for (one, other), alias in sorted(links.items(), key=_strength):
            ours, theirs = group[one], group[other]
            if ours is theirs:
                continue
            if any(_pair(left, right) in forbidden for left, right in product(ours, theirs)):
                names = " and ".join(f"{ref.collection}/{ref.id}" for ref in (alias.one, alias.other))
                self._note(f"{names}: their link is left out, for it would join what a person forbids to join")
                continue
            ours |= theirs
            group.update(dict.fromkeys(theirs, ours))
        found = {id(members): sorted(members) for members in group.values() if len(members) > 1}
        return list(found.values())

    def newest(self, group: Sequence[Node]) -> tuple[Key, list[str]]:
        """Return what sorts groups."""
        return min(key(self.life(node).entry) for node in group), [self.life(node).id for node in group]

    def everywhere(self, group: Sequence[Node], links: Mapping[Pair, Alias]) -> Everywhere:
        """Return what became of an entry that is in several collections."""
        by_id = sorted(group, key=lambda node: (node[0], self.life(node).id, node[1]))
        inside = [alias for pair, alias in sorted(links.items(), key=_strength) if set(pair) <= set(group)]
        return Everywhere(
            lives=[LifeIn(collection=node[0], life=self.life(node)) for node in by_id],
            links=list({id(alias): alias for alias in inside}.values()),
        )


def _pair(one: Node, other: Node) -> Pair:
    return (one, other) if one < other else (other, one)


def _strength(link: tuple[Pair, Alias]) -> tuple[bool, int, Pair]:
    """Sort links: first what a person says, then by rule."""
    pair, alias = link
    rule = _RULES.index(alias.rule) if alias.rule else len(_RULES)
    return not alias.of_a_person, rule, pair


def _shows(life: Life, identity: str, rule: Rule) -> str:
    """Return the observation that shows what the rule compared."""
    if rule == "identity":
        return next(one.first_seen for one in life.ids if one.id == identity)
    return life.last_seen
