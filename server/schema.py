"""The wire for machines: JSON Schema (2020-12) of every frame, and an AsyncAPI 3 document.

Made of the very types that decode and encode frames, so they cannot say anything else.
"""

import inspect
from importlib.metadata import version
from typing import Any, Final

import msgspec

from rooms.room import Private, Public, Staff
from server.live import protocol

FRAMES_IN: Final = (protocol.Hello, protocol.Enter, protocol.Do, protocol.LeaveFrame)
FRAMES_OUT: Final = (
    protocol.Welcome,
    protocol.Snapshot,
    protocol.Happened,
    protocol.Done,
    protocol.RefusedFrame,
    protocol.Heartbeat,
    protocol.Alarm,
    protocol.Closing,
)
HEARD: Final = tuple(event for event in protocol.EVENTS if event.stream != "core")
"""The events somebody hears; those of the stream `core` leave the server never."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
CLIENT: Final = "schema/client.json"
SERVER: Final = "schema/server.json"
Schema = dict[str, Any]


def pages() -> dict[str, str]:
    """The generated files by name."""
    return {
        CLIENT: _text(client()),
        SERVER: _text(server()),
        "asyncapi.json": _text(asyncapi()),
    }


def client() -> Schema:
    """What one message from a client may be."""
    definitions = _definitions((*FRAMES_IN, *protocol.COMMANDS))
    definitions["Command"] = _one_of(definitions, protocol.COMMANDS, "type")
    definitions["Do"]["properties"]["command"] = _at("Command")
    return _document("A frame from a client", definitions, FRAMES_IN)


def server() -> Schema:
    """What one line of a message from the server may be."""
    definitions = _definitions((*FRAMES_OUT, *HEARD, Public, Staff, Private))
    definitions["Event"] = _one_of(definitions, HEARD, "type")
    definitions["Happened"]["properties"]["event"] = _at("Event")
    definitions["Snapshot"]["properties"]["view"] = {
        "description": "One part for each stream its reader hears.",
        "type": "object",
        "properties": {"room": _at("Public"), "staff": _at("Staff")},
        "patternProperties": {"^private:[0-9]+$": _at("Private")},
        "additionalProperties": False,
    }
    return _document("A frame from the server", definitions, FRAMES_OUT)


def asyncapi() -> Schema:
    """The AsyncAPI 3 document; its payloads are the schemas beside it."""
    messages = {
        cls.__name__: {
            "name": _tag(cls),
            "summary": inspect.cleandoc(cls.__doc__ or "").partition("\n")[0],
            "payload": {"$ref": f"./{file}#/$defs/{cls.__name__}"},
        }
        for file, frames in ((CLIENT, FRAMES_IN), (SERVER, FRAMES_OUT))
        for cls in frames
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Candlelight",
            "version": version("candlelight"),
            "description": (
                f"Version {protocol.VERSION} of the protocol, in JSON over one WebSocket. A "
                "message from a client is one frame; a message from the server is one or more, one "
                "a line. The socket is opened with the cookies and the Origin of the site itself. "
                "Ideas, permissions and refusals: PROTOCOL.md."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/socket",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "hear": _operation("receive", "What a client asks for.", FRAMES_IN),
            "tell": _operation("send", "What a client hears.", FRAMES_OUT),
        },
        "components": {"messages": messages},
        "x-close-codes": {str(code): text for code, text in protocol.CLOSE_CODES.items()},
    }


def _operation(action: str, summary: str, frames: tuple[type[msgspec.Struct], ...]) -> Schema:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{cls.__name__}"} for cls in frames],
    }


def _definitions(types: tuple[type[msgspec.Struct], ...]) -> dict[str, Schema]:
    _, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    for schema in definitions.values():
        _put_right(schema)
    return definitions


def _put_right(schema: Any) -> None:
    """Descriptions without the indentation of code, and patterns in JavaScript's spelling: Python's
    `\\Z` is its `$`."""
    if isinstance(schema, list):
        for one in schema:
            _put_right(one)
    elif isinstance(schema, dict):
        if isinstance(words := schema.get("description"), str):
            schema["description"] = inspect.cleandoc(words)
        if isinstance(pattern := schema.get("pattern"), str):
            schema["pattern"] = pattern.replace("\\Z", "$")
        for one in schema.values():
            _put_right(one)


def _document(
    title: str, definitions: dict[str, Schema], frames: tuple[type[msgspec.Struct], ...]
) -> Schema:
    return {
        "$schema": DIALECT,
        "title": title,
        **_one_of(definitions, frames, "frame"),
        "$defs": dict(sorted(definitions.items())),
    }


def _one_of(
    definitions: dict[str, Schema], types: tuple[type[msgspec.Struct], ...], tag: str
) -> Schema:
    """One of these types. Their tag is required, so that no two of them can fit at once."""
    for cls in types:
        definition = definitions[cls.__name__]
        definition["required"] = sorted({tag, *definition["required"]})
    return {"oneOf": [_at(cls.__name__) for cls in types]}


def _at(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _tag(cls: type[msgspec.Struct]) -> str:
    return str(cls.__struct_config__.tag)


def _text(schema: Schema) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
