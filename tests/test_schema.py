"""Every frame of the test suite fits the JSON Schemas: whoever listens in a test, checks.

The listeners of `tests/server/live/`, `tests/web/sockets.py` and `tests/storms/client.py` hold each
frame they hear to the schema. Here they are shown to do so, and what a room says seldom is held to
it too: every event and command there is, made of its own types.
"""

import re
from collections.abc import Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from rooms.kernel import Command, Event
from server import schema
from server.live import protocol
from tests.server.live.house import ADA
from tests.server.live.listener import Listener
from tests.wire_schema import assert_from_client, assert_from_server

SLUG = "k7m2qx"
WELCOME = {"frame": "welcome", "version": 1, "now": 1.0, "heartbeat": 15.0}


def made(kind: Any, *, sparse: bool) -> Any:
    """A value of a type, with everything that can be left out or with none of it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        limits = [limit for limit in inner[1:] if isinstance(limit, msgspec.Meta)]
        return next((within(limit) for limit in limits if within(limit) is not None), None) or made(
            inner[0], sparse=sparse
        )
    if origin in (UnionType, Union):
        return None if sparse and NoneType in inner else made(inner[0], sparse=sparse)
    if origin in (list, tuple, frozenset, set, Sequence):
        origin = tuple if origin is Sequence else origin
        return origin() if sparse else origin([made(inner[0], sparse=sparse)])
    if origin is dict:
        pair = (made(inner[0], sparse=sparse), made(inner[1], sparse=sparse))
        return {} if sparse else dict([pair])
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, msgspec.Struct):
        fields = [f for f in msgspec.structs.fields(kind) if f.required or not sparse]
        return kind(**{field.name: made(field.type, sparse=sparse) for field in fields})
    return {bool: True, int: 7, float: 1.5, str: "words"}[kind]


def within(limit: msgspec.Meta) -> Any:
    """A value inside a limit; None where it asks for nothing in particular."""
    if limit.pattern:
        return next(word for word in ("NL", "a-word") if re.search(limit.pattern, word))
    return limit.le


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "full"])
@pytest.mark.parametrize("event", schema.HEARD, ids=lambda cls: cls.__name__)
def test_every_event_fits(event: type[Event], sparse: bool) -> None:
    _, body = protocol.stored(made(event, sparse=sparse), 1.5)
    assert_from_server(msgspec.json.decode(protocol.happened(SLUG, "room", 1, 1.5, body)))


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "full"])
@pytest.mark.parametrize("command", protocol.COMMANDS, ids=lambda cls: cls.__name__)
def test_every_command_fits(command: type[Command], sparse: bool) -> None:
    raw = msgspec.Raw(msgspec.json.encode(made(command, sparse=sparse)))
    frame = protocol.Do(id=1, key="q8Zt3xVw", room=SLUG, command=raw)
    assert_from_client(msgspec.json.decode(protocol.encode(frame)))


@pytest.mark.parametrize(
    "frame",
    [
        WELCOME | {"more": 1},
        WELCOME | {"frame": "hello"},
        {"frame": "happened", "room": SLUG, "stream": "room", "seq": 1, "at": 1.0, "event": {}},
        {"frame": "snapshot", "room": SLUG, "epoch": "", "me": 1, "now": 1.0, "numbers": {},
         "view": {"core": {}}},
    ],
    ids=["an unknown field", "a client's frame", "an empty event", "a part nobody hears"],
)  # fmt: skip
def test_a_listener_fails_at_what_is_not_described(frame: dict[str, Any]) -> None:
    listener = Listener(ADA)
    with pytest.raises(AssertionError, match="not a frame of the schema"):
        listener.send(msgspec.json.encode(frame))
    with pytest.raises(AssertionError):
        assert_from_client(frame)
