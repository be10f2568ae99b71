import ast
from pathlib import Path

import pytest

from psgcrawl.archive.index import lives as index_lives
from psgcrawl.exports import source
from psgcrawl.exports.chosen import choose
from tests.exports.telling import Told, day, export, four_weeks, news

PACKAGE = Path(source.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "source.py" and "wacz" not in path.parts)
READERS = {
    "psgcrawl.archive.history.telling",
    "psgcrawl.archive.history.lives.lives",
    "psgcrawl.archive.index.recall",
    "psgcrawl.archive.aliases.read",
    "psgcrawl.archive.manifest.ENTRIES",
}


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_format_reads_entries_but_through_the_one_place(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not imported(tree) & READERS
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "entries"
    }
    assert calls <= {"source.entries", "rows.entries"}


def test_the_reading_of_an_observation_is_known_and_that_of_another_is_none(told: Told) -> None:
    told.see_all(day(1), news(1, title="A"))
    told.see_all(day(2), news(2))
    told.see_all(day(3), news(1, title="B"))
    [chosen] = choose(told.archive, ["news"])
    past = source.past(chosen, told.notes.append)
    known = next(iter(past.entries))
    assert [known.reading(rank).title for rank in (0, 2)] == ["A", "B"]
    for rank in (1, 3):
        with pytest.raises(ValueError, match="does not show it"):
            known.reading(rank)
    assert past.observation("20180102T060000Z").captured == day(2)


def test_what_is_not_held_is_read_again_and_is_the_same(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    four_weeks(told)

    def exported(held: int, at_once: int = 500) -> list[bytes]:
        monkeypatch.setattr(source, "HELD", held)
        monkeypatch.setattr(source, "AT_ONCE", at_once)
        monkeypatch.setattr(index_lives, "_ASKED", at_once)
        formats = (
            ["jsonl", "news", "--since", "start"],
            ["atom", "news", "--changes"],
            ["jsonl", "news", "--revisions"],
        )
        return [
            export(told.archive.folder, tmp_path / f"{held}.{at_once}.{number}", *words)
            for number, words in enumerate(formats)
        ]

    assert exported(0) == exported(1) == exported(100) == exported(0, 1) == exported(0, 2) == exported(1, 3)


def test_what_is_looked_up_comes_in_the_order_in_which_it_was_asked_for(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    four_weeks(told)
    [chosen] = choose(told.archive, ["news"])
    past = source.past(chosen, told.notes.append)
    numbers = [known.chain.number for known in past.entries]
    asked = [*reversed(numbers), *numbers, numbers[2], numbers[2]]
    for held, at_once in [(0, 500), (0, 2), (0, 1), (2, 3)]:
        monkeypatch.setattr(source, "HELD", held)
        monkeypatch.setattr(source, "AT_ONCE", at_once)
        entries = source.past(chosen, told.notes.append).entries
        assert len(list(entries)) == len(numbers)
        found = list(source.looked_up(asked, lambda number, its=entries: (its, number)))  # type: ignore[misc]
        assert [number for number, _ in found] == asked
        assert [known.chain.number for _, known in found] == asked
