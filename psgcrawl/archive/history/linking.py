"""Which entries of different collections are one: what is in the table of aliases, and what the rules find.

Two collections at a time, by the rules of :mod:`psgcrawl.archive.compare.matching`;
``identity`` is the name of a detail page, under which an entry was ever listed. (The
``x-…`` of an entry without one is made of title and date, which the rule ``title``
compares anyway.) Standing blocks are no entries, and kinds are not mixed.

Lives are read one by one, and again when they are asked for: in memory is what is linked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, combinations, product
from typing import Annotated, Final, NamedTuple, get_args

from msgspec import Meta, Struct

from psgcrawl.archive.aliases import Alias, Line, Ref
from psgcrawl.archive.compare.lines import Key, key
from psgcrawl.archive.compare.matching import RULES, ByCommon, Rule
from psgcrawl.archive.history.candidates import KINDS, Candidates, detail_pages
from psgcrawl.archive.history.lives import Life
from psgcrawl.archive.history.observations import Note
from psgcrawl.archive.inturn import InTurn
from psgcrawl.archive.jsonl import dumps
from psgcrawl.records import Entry

_RULES: Final[tuple[Rule, ...]] = get_args(Rule)


class LifeIn(Struct, frozen=True, kw_only=True):
    """What became of an entry in one collection."""

    collection: Annotated[str, Meta(description="The collection.")]
    life: Annotated[Life, Meta(description="What became of it there.")]


class Everywhere(Struct, frozen=True, kw_only=True):
    """What became of one entry in all collections: a line of ``psgcrawl history --all --jsonl``."""

    lives: Annotated[list[LifeIn], Meta(description="In each collection that listed it, by collection, then by id.")]
    links: Annotated[list[Alias], Meta(description="Why these are one entry, each as the table of aliases has it.")]


class Links(NamedTuple):
    """What was found."""

    fresh: list[Alias]
    """Links that the table does not have, by the bytes of their two entries."""
    entries: Sequence[Everywhere]
    """The entries that are in several collections, in canonical order of their newest readings; each is read when it
    is asked for."""
    linked: Counter[str]
    """How many entries of each collection another one lists, too."""
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
    lines = list(table)
    linking = _Linking(told, lines, note)
    verdicts = linking.verdicts(lines)
    forbidden = {pair for pair, alias in verdicts.items() if alias.verdict == "forbidden"}
    linked = {pair: alias for pair, alias in verdicts.items() if alias.verdict == "linked"}
    fresh: dict[Pair, Alias] = {}
    for one, other in combinations(sorted(told), 2):
        for rule, pair in linking.found(one, other, linked, forbidden):
            fresh[pair] = linking.alias(rule, pair, when)
    links = linked | fresh
    groups = sorted(linking.groups(links, forbidden), key=linking.newest)
    said = {id(verdicts[pair]) for pair in forbidden}
    return Links(
        sorted(fresh.values(), key=lambda alias: dumps((alias.one, alias.other))),
        _Everywheres(groups, linking, links),
        Counter(collection for group in groups for collection, _ in group),
        [alias for _, alias in lines if id(alias) in said],
    )


class _Everywheres(InTurn[list[Node], Everywhere]):
    """Entries that are in several collections, each of which is read when it is asked for."""

    def __init__(self, groups: Sequence[list[Node]], linking: "_Linking", links: Mapping[Pair, Alias]) -> None:
        super().__init__(groups, self._everywhere)
        self._linking = linking
        self._inside: defaultdict[Node, list[tuple[Pair, Alias]]] = defaultdict(list)
        for link_ in sorted(links.items(), key=_strength):
            self._inside[link_[0][0]].append(link_)

    def _everywhere(self, group: Sequence[Node]) -> Everywhere:
        """Return what became of an entry that is in several collections."""
        by_id = sorted(
            ((node, self._linking.life(node)) for node in group), key=lambda one: (one[0][0], one[1].id, one[0])
        )
        inside = sorted((link_ for node in group for link_ in self._inside.get(node, ())), key=_strength)
        aliases = (alias for pair, alias in inside if set(pair) <= set(group))
        return Everywhere(
            lives=[LifeIn(collection=node[0], life=life) for node, life in by_id],
            links=list({id(alias): alias for alias in aliases}.values()),
        )


class _Linking:
    def __init__(self, told: Mapping[str, Sequence[Life]], table: Iterable[Line], note: Note) -> None:
        self._told = told
        self._note = note
        self._by_id: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        named = {(ref.collection, ref.id) for _, alias in table for ref in (alias.one, alias.other)}
        for collection in {collection for collection, _ in named} & told.keys():
            for number, life in enumerate(told[collection]):
                for one in life.ids if life.entry.kind in KINDS else ():
                    if (collection, one.id) in named:
                        self._by_id[collection, one.id].append((collection, number))

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self._told)

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
        between = [pair for pair in linked if {node[0] for node in pair} == {one, other}]
        taken = [{number for pair in between for its, number in pair if its == name} for name in (one, other)]
        for kind in KINDS:
            self._candidates.choose((one, other), kind, taken)
            for ours, theirs in list(self._by_identity(one, other, forbidden)):
                self._candidates.take(ours, theirs)
                yield "identity", ((one, ours), (other, theirs))
            self._candidates.settle()
            for rule in RULES[1:]:
                for ours, theirs in list(self._by_rule(rule, one, other, forbidden)):
                    self._candidates.take(ours, theirs)
                    yield rule.name, ((one, ours), (other, theirs))

    def _by_identity(self, one: str, other: str, forbidden: set[Pair]) -> Iterator[tuple[int, int]]:
        """Yield those of a common detail page."""
        taken: set[int] = set()
        for ours, candidates in self._candidates.by_page():
            for theirs in candidates:
                if theirs not in taken and ((one, ours), (other, theirs)) not in forbidden:
                    taken.add(theirs)
                    yield ours, theirs
                    break

    def _by_rule(self, rule: ByCommon, one: str, other: str, forbidden: set[Pair]) -> Iterator[tuple[int, int]]:
        """Yield those of another rule: in memory are entries that have in common what it asks for."""
        for ours, theirs in self._candidates.by_rule(rule):
            if not rule.may_pair(len(ours), len(theirs)):
                # However many there are: they need not be read.
                continue
            old = [self.life((one, number)).entry for number in ours]
            new = [self.life((other, number)).entry for number in theirs]
            numbers = {id(entry): number for entry, number in zip(chain(old, new), chain(ours, theirs), strict=True)}

            def refused(left: Entry, right: Entry, numbers: Mapping[int, int] = numbers) -> bool:
                return ((one, numbers[id(left)]), (other, numbers[id(right)])) in forbidden

            for left, right in rule.pairs(old, new, refused):
                yield numbers[id(left)], numbers[id(right)]

    def alias(self, rule: Rule, pair: Pair, when: str) -> Alias:
        """Return the line for a link that was found."""
        one, other = (self.life(node) for node in pair)
        common = [identity for identity in detail_pages(one) if identity in detail_pages(other)]
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
