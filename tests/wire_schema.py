"""The wire's JSON Schemas as a test uses them: to the letter, with no field that is not in them.

For clients the schemas of what the server sends stay open, so that a field can be added later. A
test that let an unknown field pass would not see that one was added and never described.
"""

import copy
from typing import Any, Final

from jsonschema_rs import Draft202012Validator

from server import schema


def sealed(opened: dict[str, Any]) -> dict[str, Any]:
    """The same schema, refusing every field that it does not name."""
    closed = copy.deepcopy(opened)
    _seal(closed)
    return closed


def _seal(schema: Any) -> None:
    if isinstance(schema, list):
        for one in schema:
            _seal(one)
    elif isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for one in schema.values():
            _seal(one)


FROM_SERVER: Final = Draft202012Validator(sealed(schema.server()))
FROM_CLIENT: Final = Draft202012Validator(schema.client())


def assert_from_server(frame: Any) -> None:
    """Fail unless a frame is one that the schema describes."""
    _assert(FROM_SERVER, frame)


def assert_from_client(frame: Any) -> None:
    """Fail unless a frame is one that the schema lets a client send."""
    _assert(FROM_CLIENT, frame)


def _assert(validator: Draft202012Validator, frame: Any) -> None:
    if not validator.is_valid(frame):
        raise AssertionError(f"not a frame of the schema: {frame}")
