"""How output looks: in pieces as at once."""

import pytest

from psgcrawl.cli import printing

ROWS = [("a", "1", "x\x1b y"), ("long\u2028er", "22", ""), ("", "333", "z")]


def test_a_table_that_is_made_row_by_row_is_the_same_table() -> None:
    header = ("ONE", "NUMBER", "TEXT")
    for rows in (ROWS, []):
        expected = printing.table(header, rows, right=frozenset({1}))
        assert list(printing.long_table(header, iter(rows), right=frozenset({1}))) == expected


@pytest.mark.parametrize("found", [[], [{"a": "\n", "b": []}, {"c": [1, {"d": None}]}], [[], {}, "é"]])
def test_a_document_in_pieces_is_the_document(found: list[object]) -> None:
    members = {"first": {"a": 1, "b": ["x\ny"]}, "none": [], "many": found, "last": ["a"]}
    pieces = printing.document_of({**members, "many": iter(found), "last": lambda: ["a"]})
    assert "".join(pieces) == printing.document(members)
