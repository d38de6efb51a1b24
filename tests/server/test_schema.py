"""The documents for machines: whole, made of what the code says, and true of the wire."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator, meta

from server import schema
from server.live import protocol

DOCUMENTS = {"client": schema.client, "server": schema.server}


def references(node: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(node, list):
        for one in node:
            yield from references(one)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for one in node.values():
            yield from references(one)


def leads_somewhere(document: dict[str, Any], reference: str) -> bool:
    node: Any = document
    for step in reference.partition("#/")[2].split("/"):
        node = node.get(step, {})
    return bool(node)


@pytest.mark.parametrize("which", DOCUMENTS)
def test_a_schema_is_one(which: str) -> None:
    document = DOCUMENTS[which]()
    assert meta.is_valid(document)
    assert all(leads_somewhere(document, reference) for reference in references(document))
    assert "\\Z" not in str(document)


def test_every_command_and_every_event_somebody_hears_is_described() -> None:
    client, server = schema.client()["$defs"], schema.server()["$defs"]
    assert {cls.__name__ for cls in protocol.COMMANDS} < client.keys()
    assert len(client["Command"]["oneOf"]) == len(protocol.COMMANDS)
    heard = {cls.__name__ for cls in protocol.EVENTS if cls.stream != "core"}
    unheard = {cls.__name__ for cls in protocol.EVENTS if cls.stream == "core"}
    assert heard < server.keys()
    assert not unheard & server.keys()
    assert not {cls.__name__ for cls in protocol.INTERNALS} & client.keys()


def test_the_asyncapi_document_names_every_frame_with_a_payload_that_is_there() -> None:
    document = schema.asyncapi()
    assert document["asyncapi"] == "3.0.0"
    frames = {cls.__name__ for cls in (*schema.FRAMES_IN, *schema.FRAMES_OUT)}
    assert document["components"]["messages"].keys() == frames
    schemas = {"client": schema.client(), "server": schema.server()}
    for message in document["components"]["messages"].values():
        which = message["payload"]["$ref"].removeprefix("./schema/").partition(".json")[0]
        assert leads_somewhere(schemas[which], message["payload"]["$ref"])
        assert message["summary"]
    own = [reference for reference in references(document) if reference.startswith("#")]
    assert own
    assert all(leads_somewhere(document, reference) for reference in own)
    told = document["operations"]["tell"]["messages"]
    asked = document["operations"]["hear"]["messages"]
    assert len(told) + len(asked) == len(frames)


def test_the_same_types_always_give_the_same_pages() -> None:
    pages = schema.pages()
    assert pages == schema.pages()
    assert set(pages) == {"schema/client.json", "schema/server.json", "asyncapi.json"}
    assert all(msgspec.json.decode(text) for text in pages.values())


REFUSED = (
    {"frame": "hello"},
    {"frame": "hello", "version": 1, "more": 1},
    {"frame": "welcome", "version": 1, "now": 1.0, "heartbeat": 15.0},
    {"frame": "enter", "room": "UPPER2"},
    {"frame": "enter", "room": "k7m2qx", "as": "king"},
    {"frame": "enter", "room": "k7m2qx\n"},
    {"frame": "do", "id": 1, "key": "short", "room": "k7m2qx", "command": {"type": "Yield"}},
    {"frame": "do", "id": 1, "key": "q8Zt3xVw", "room": "k7m2qx", "command": {"type": "Tick"}},
    {"frame": "do", "id": 1, "key": "q8Zt3xVw", "room": "k7m2qx", "command": {}},
    {"frame": "do", "id": -1, "key": "q8Zt3xVw", "room": "k7m2qx", "command": {"type": "Yield"}},
)
TAKEN = (
    {"frame": "hello", "version": 1},
    {"frame": "enter", "room": "k7m2qx", "as": "facilitator", "after": {"room": 7}},
    {"frame": "leave", "room": "k7m2qx"},
    {"frame": "do", "id": 1, "key": "q8Zt3xVw", "room": "k7m2qx", "command": {"type": "Yield"}},
)


@pytest.mark.parametrize("frame", [*REFUSED, *TAKEN], ids=str)
def test_the_schema_and_the_server_agree_on_what_a_client_may_send(frame: dict[str, Any]) -> None:
    described = Draft202012Validator(schema.client()).is_valid(frame)
    try:
        decoded = protocol.decode(msgspec.json.encode(frame).decode())
        if isinstance(decoded, protocol.Do):
            protocol.decode_command(decoded.command)
        understood = True
    except protocol.Malformed:
        understood = False
    assert described == understood == (frame in TAKEN)
