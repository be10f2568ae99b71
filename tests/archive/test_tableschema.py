from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from psgcrawl.archive.tableschema import table_schema
from psgcrawl.records import Captured, Day, Instant, Sha256


class Every(Struct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(description="Text.")]
    number: Annotated[int | None, Meta(description="Number.")]
    day: Annotated[Day | None, Meta(description="Day.")]
    moment: Annotated[Instant, Meta(description="Moment.")]
    word: Annotated[Literal["a", "b"], Meta(description="Word.")]
    digest: Annotated[Sha256 | None, Meta(description="Digest.")]
    texts: Annotated[list[str], Meta(description="Texts.")]
    inner: Annotated[Captured, Meta(description="Inner.")]
    maybe: Annotated[Captured | None, Meta(description="Maybe.")]
    bare: str


class Odd(Struct):
    number: float


def test_each_type_has_its_counterpart_and_required_means_never_null() -> None:
    required = {"required": True}
    assert table_schema(Every) == {
        "fields": [
            {"name": "text", "type": "string", "description": "Text.", "constraints": required},
            {"name": "number", "type": "integer", "description": "Number."},
            {"name": "day", "type": "date", "description": "Day."},
            {"name": "moment", "type": "datetime", "description": "Moment.", "constraints": required},
            {
                "name": "word",
                "type": "string",
                "description": "Word.",
                "constraints": {"required": True, "enum": ["a", "b"]},
            },
            {
                "name": "digest",
                "type": "string",
                "description": "Digest.",
                "constraints": {"pattern": "^[0-9a-f]{64}$"},
            },
            {"name": "texts", "type": "array", "description": "Texts.", "constraints": required},
            {"name": "inner", "type": "object", "description": "Inner.", "constraints": required},
            {"name": "maybe", "type": "object", "description": "Maybe."},
            {"name": "bare", "type": "string", "description": "", "constraints": required},
        ],
        "missingValues": [],
    }


def test_a_unique_field_is_the_primary_key() -> None:
    assert table_schema(Every, "text")["primaryKey"] == ["text"]


@pytest.mark.parametrize(("kind", "problem"), [(Odd, "no type of Table Schema"), (int, "is no record")])
def test_what_cannot_be_described_is_refused(kind: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        table_schema(kind)
