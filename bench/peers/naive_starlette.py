"""The smallest honest chat in Starlette: one awaited send_text for each member."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

rooms: dict[str, set[WebSocket]] = {}


async def chat(websocket: WebSocket) -> None:
    """Relay what one member says to everybody in the room."""
    await websocket.accept()
    room = rooms.setdefault(websocket.path_params["room"], set())
    room.add(websocket)
    try:
        while True:
            text = await websocket.receive_text()
            for member in list(room):
                await member.send_text(text)
    except WebSocketDisconnect:
        room.discard(websocket)


app = Starlette(routes=[WebSocketRoute("/{room}", chat)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="error",
        lifespan="off",
    )
