"""The smallest honest chat with python-socketio, over its WebSocket transport, in uvicorn."""

import sys
from typing import Any

import socketio  # type: ignore[import-not-found]
import uvicorn

chat = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], ping_interval=600)


@chat.event  # type: ignore[untyped-decorator]
async def come(sid: str, room: str) -> None:
    """Come into a room."""
    await chat.enter_room(sid, room)
    await chat.emit("here", room, to=sid)


@chat.event  # type: ignore[untyped-decorator]
async def say(sid: str, message: dict[str, Any]) -> None:
    """Relay what one member says to everybody in the room."""
    await chat.emit("said", message, room=message["room"])


if __name__ == "__main__":
    uvicorn.run(
        socketio.ASGIApp(chat),
        port=int(sys.argv[1]),
        loop="uvloop",
        ws_per_message_deflate=False,
        log_level="error",
        lifespan="off",
    )
