"""The smallest honest chat with Django Channels, its in-memory layer, in uvicorn."""

import sys
from typing import Any

import django  # type: ignore[import-not-found]
import uvicorn
from channels.generic.websocket import (  # type: ignore[import-untyped]
    AsyncWebsocketConsumer,
)
from channels.routing import ProtocolTypeRouter, URLRouter  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-not-found]
from django.urls import re_path  # type: ignore[import-not-found]

LAYER = "channels.layers.InMemoryChannelLayer"


class Chat(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One member's connection."""

    async def connect(self) -> None:
        """Come into the room that the address names."""
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Relay what one member says to everybody in the room."""
        await self.channel_layer.group_send(self.room, {"type": "heard", "text": text_data})

    async def heard(self, event: dict[str, Any]) -> None:
        """Pass on what the group heard."""
        await self.send(text_data=event["text"])


if __name__ == "__main__":
    # The layer drops messages when it is full, which is 100 unless told otherwise.
    settings.configure(
        CHANNEL_LAYERS={"default": {"BACKEND": LAYER, "CONFIG": {"capacity": 10**6}}}
    )
    django.setup()
    uvicorn.run(
        ProtocolTypeRouter({"websocket": URLRouter([re_path(r"^(?P<room>\w+)$", Chat.as_asgi())])}),
        port=int(sys.argv[1]),
        loop="uvloop",
        ws_per_message_deflate=False,
        log_level="error",
        lifespan="off",
    )
