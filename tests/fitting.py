"""Whether documents fit the published schemas. That the schemas are sound themselves, another test says, once."""

from functools import cache
from typing import Any

from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from psgcrawl import schemas


@cache
def _validator(name: str) -> Validator:
    schema = schemas.published(name)
    return validator_for(schema)(schema)


def fits(document: Any, name: str) -> None:
    """Check a document, as JSON has it.

    :raises jsonschema.ValidationError: when it does not fit
    """
    _validator(name).validate(document)
