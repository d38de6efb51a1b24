"""A server that says back what it hears, on our configuration or on uvicorn's own.

`python -m tests.conformance.echo ours 16384` is what Candlelight's sockets stand on, without
Candlelight; `plain` is uvicorn as it comes. Whatever conforms there has to conform here.
"""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from web.transport import Server, config

KINDS: Final = ("ours", "plain")
SPREAD: Final = 1 << 24
"""Bytes in one message where a suite tries sizes of its own; uvicorn's default."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say back every message of a socket; nothing else is served."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        said = {name: message[name] for name in ("text", "bytes") if message.get(name) is not None}
        await send({"type": "websocket.send", **said})


def configured(kind: str, limit: int) -> uvicorn.Config:
    """Our configuration, or uvicorn's; alike in the longest message alone."""
    if kind == "plain":
        return uvicorn.Config(
            echo, port=0, loop="none", lifespan="off", ws_max_size=limit, log_config=None
        )
    ours = config(echo, "127.0.0.1", 0)
    ours.ws_max_size = limit
    return ours


@contextmanager
def echoing(kind: str, limit: int) -> Iterator[int]:
    """Run an echo server as a process of its own; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, kind, str(limit)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _serve(kind: str, limit: int) -> None:
    settings = configured(kind, limit)
    server = (Server if kind == "ours" else uvicorn.Server)(settings)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listening])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1], int(sys.argv[2])))
