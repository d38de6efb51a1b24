"""Clients that share no code with one another: all of them hear the same evening."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Request,
    TextMessage,
)

from tests.conformance.house import HELLO, Door, frames_of, open_door
from tests.conformance.wire import PATIENCE, TEXT, frame

Frame = dict[str, Any]
Client = Callable[[Door, list[Frame]], list[Frame]]


def node_with_websocket() -> str | None:
    """Node, where it is present and new enough to have a WebSocket of its own."""
    node = shutil.which("node")
    asked = [node, "--experimental-websocket", "-e", "new WebSocket('ws://[')"] if node else []
    told = subprocess.run(asked, capture_output=True, text=True, check=False) if asked else None
    return node if told is not None and "SyntaxError" in told.stderr else None


NODE: Final = node_with_websocket()
TURNS: Final = ("welcome", "heartbeat", "done", "refused")
"""The frames after which a client says its next."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


def lines(message: str) -> list[Frame]:
    """The frames of one message."""
    return [json.loads(line) for line in message.split("\n")]


def with_websockets(door: Door, says: list[Frame]) -> list[Frame]:
    """The client of the library that is also below the server."""

    async def talk() -> list[Frame]:
        heard: list[Frame] = []
        address = f"ws://127.0.0.1:{door.port}/socket"
        async with connect(
            address,
            origin=Origin(door.server.address),
            additional_headers={"Cookie": door.cookie},
            proxy=None,
        ) as one:
            for said in says:
                await one.send(json.dumps(said))
                answer: list[Frame] = [{"frame": "nothing yet"}]
                while answer[-1]["frame"] not in TURNS:
                    answer = lines(str(await one.recv()))
                    heard += answer
        return [*heard, {"frame": "close", "code": one.close_code}]

    return asyncio.run(talk())


def with_wsproto(door: Door, says: list[Frame]) -> list[Frame]:
    """A client on wsproto, which shares nothing with the server."""
    client = WSConnection(ConnectionType.CLIENT)
    heard: list[Frame] = []
    left = list(says)
    headers = [(b"Origin", door.server.address.encode()), (b"Cookie", door.cookie.encode())]
    host = f"127.0.0.1:{door.port}"
    with socket.create_connection(("127.0.0.1", door.port), PATIENCE) as wire:
        wire.sendall(client.send(Request(host=host, target="/socket", extra_headers=headers)))
        while came := wire.recv(1 << 16):
            client.receive_data(came)
            message = ""
            for event in client.events():
                match event:
                    case AcceptConnection():
                        wire.sendall(client.send(TextMessage(data=json.dumps(left.pop(0)))))
                    case TextMessage(data=data, message_finished=finished):
                        message += data
                        if not finished:
                            continue
                        heard += lines(message)
                        message = ""
                        if heard[-1]["frame"] in TURNS:
                            next_one = (
                                TextMessage(data=json.dumps(left.pop(0)))
                                if left
                                else CloseConnection(code=1000)
                            )
                            wire.sendall(client.send(next_one))
                    case CloseConnection(code=code):
                        heard.append({"frame": "close", "code": int(code)})
    return heard


def with_node(door: Door, says: list[Frame]) -> list[Frame]:
    """Node's built-in WebSocket."""
    assert NODE is not None
    told = subprocess.run(
        [
            NODE,
            "--experimental-websocket",
            str(Path(__file__).with_name("session.js")),
            f"ws://127.0.0.1:{door.port}/socket",
            door.server.address,
            door.cookie,
            json.dumps(says),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return [json.loads(line) for line in told.stdout.rstrip("\n").split("\n")]


CLIENTS: Final[Sequence[Client]] = (with_websockets, with_wsproto, *([with_node] if NODE else []))


def evening(room: str, key: str) -> list[Frame]:
    """What Ada does: she comes in, speaks in three scripts, and asks for something impossible."""
    do = {"frame": "do", "room": room}
    return [
        HELLO,
        {"frame": "enter", "room": room},
        {
            **do,
            "id": 1,
            "key": key,
            "command": {"type": "Speak", "text": "Grüße, שלום, 🕯️"},
        },
        {**do, "id": 2, "key": key + "-2", "command": {"type": "CloseMeeting"}},
        {**do, "id": 3, "key": key, "command": {"type": "Speak", "text": "Other words."}},
    ]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_scripted_evening_is_the_same_with_every_client(door: Door, client: Client) -> None:
    # Whoever comes and goes is news of its own; a second tab that stays keeps Ada in the room.
    with door.greeted() as staying:
        staying.say(frame(TEXT, json.dumps({"frame": "enter", "room": door.room}).encode()))
        while frames_of(staying)[-1]["frame"] != "heartbeat":
            pass
        heard = client(door, evening(door.room, f"key-{client.__name__}"))
    kinds = [one["frame"] for one in heard]
    assert kinds[:2] == ["welcome", "snapshot"]
    since = heard[kinds.index("heartbeat") + 1 :]
    said = [one for one in since if one["frame"] == "happened"]
    assert [one["event"]["text"] for one in said] == ["Grüße, שלום, 🕯️"]
    rest = [one for one in since if one["frame"] != "happened"]
    assert [(one["frame"], one.get("re"), one.get("code")) for one in rest] == [
        ("done", 1, None),
        ("refused", 2, "not_allowed"),
        ("refused", 3, "conflict"),
        ("close", None, 1000),
    ]
