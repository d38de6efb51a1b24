"""The smallest honest chat that keeps what is said: an ORM object and a commit for each message,
acknowledged and passed on after the commit, one awaited send for each member.

SQLite with synchronous=FULL, as the server it is measured against. The session works in a thread of
its own, so that the event loop goes on meanwhile.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


class Base(DeclarativeBase):
    """The tables."""


class Message(Base):
    """Something somebody said."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column(index=True)
    at: Mapped[float]
    text: Mapped[str]


rooms: dict[str, set[WebSocket]] = {}
writer = ThreadPoolExecutor(1)


def sessions(path: Path) -> sessionmaker[Session]:
    """Sessions on a new database."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")

    Base.metadata.create_all(engine)
    return sessionmaker(engine)


def keep(make: sessionmaker[Session], room: str, at: float, text: str) -> int:
    """Store one message; its number."""
    with make() as session:
        message = Message(room=room, at=at, text=text)
        session.add(message)
        session.commit()
        return message.id


async def chat(websocket: WebSocket) -> None:
    """Keep what one member says, tell them so, and pass it on to everybody in the room."""
    await websocket.accept()
    name = websocket.path_params["room"]
    room = rooms.setdefault(name, set())
    room.add(websocket)
    loop, make = asyncio.get_running_loop(), websocket.app.state.sessions
    try:
        while True:
            said = json.loads(await websocket.receive_text())
            at = time.time()
            number = await loop.run_in_executor(writer, keep, make, name, at, said["text"])
            await websocket.send_text(json.dumps({"frame": "done", "re": said["id"]}))
            heard = json.dumps({"number": number, "room": name, "at": at, "text": said["text"]})
            for member in list(room):
                await member.send_text(heard)
    except WebSocketDisconnect:
        room.discard(websocket)


if __name__ == "__main__":
    app = Starlette(routes=[WebSocketRoute("/{room}", chat)])
    with tempfile.TemporaryDirectory(prefix="candlelight-bench-") as folder:
        app.state.sessions = sessions(Path(folder, "messages.db"))
        uvicorn.run(
            app,
            port=int(sys.argv[1]),
            loop="uvloop",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            log_level="error",
            lifespan="off",
        )
