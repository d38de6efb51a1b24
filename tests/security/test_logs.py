"""What a server writes about a bad evening: nothing about anybody who was there."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from rooms.meetings import OpenMeeting
from rooms.room import Mode
from rooms.speaking import Speak
from tests.security.failing_server import FORM_RAISES, FRAME_RAISES, RULE_RAISES
from tests.storms.client import AGENT, RecordingClient
from tests.storms.server import ServerProcess
from web.forms import fresh_key

QUERY: Final = "zq-only-in-a-query"
FORWARDED: Final = "203.0.113.7"
RAW: Final = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03zq-tls-at-a-plain-door",
    b"GARBAGE zq-garbage\r\n\r\n",
    b"GET /?zq-only-in-a-query HTTP/1.1\r\n\r\n",
    b"GET /?zq-only-in-a-query HTTP/1.1\r\nHost: zq-strange.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"zq-huge" * 20_000 + b"\r\n\r\n",
    b"POST /leave HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: zq-length\r\n\r\n",
    b"POST /leave HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzq-chunk\r\n",
    b"GET /socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"\xff\xfe\x00zq-binary",
)
"""What scanners and broken programs send."""


async def _say_raw(port: int, words: bytes) -> int:
    """Send bytes, hang up after a moment; the port they came from."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    mine: int = writer.get_extra_info("sockname")[1]
    writer.write(words)
    try:
        async with asyncio.timeout(0.2):
            await reader.read(1000)
    except (TimeoutError, ConnectionError):
        pass
    # An end without a goodbye: the kernel answers whatever the server still sends with a reset.
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.close()
    return mine


async def _break_sockets(server: ServerProcess, ada: RecordingClient) -> None:
    """Everything that a client can do wrong on a socket."""
    origin, address = Origin(server.address), server.address.replace("http", "ws") + "/socket"
    for bad in ("zq-not-json", b"zq-binary", b"\xff\xfezq-no-utf-8", "zq-" * 20_000):
        async with connect(address, origin=origin, proxy=None) as strange:
            ada.ports.add(strange.local_address[1])
            await strange.send(bad, text=isinstance(bad, str) or b"utf" in bad)
            await asyncio.sleep(0.02)
    for wrong in ("https://zq-evil.example", None):
        try:
            async with connect(address, origin=Origin(wrong) if wrong else None, proxy=None):
                raise AssertionError("a strange page was let in")
        except InvalidStatus as refused:
            assert refused.response.status_code == 403
    await ada.ask(Speak(text=f"{RULE_RAISES} zq-rule"))
    await ada.ask(Speak(text=f"{FRAME_RAISES} zq-frame"))
    await ada.is_hung_up()


async def _break_pages(ada: RecordingClient) -> None:
    """Everything that a browser can do wrong."""
    strange = {"X-Forwarded-For": FORWARDED, "Forwarded": f"for={FORWARDED}", "X-Zq": "zq-header"}
    for path in ("/", "/zq-nowhere", f"/rooms/{ada.room}/live", "/staff", "/health"):
        await ada.http.get(path, params={"q": QUERY}, headers=strange)
    await ada.http.get("/", headers={"Host": "zq-other.example"})
    await ada.http.request("ZQ-VERB", "/")
    await ada.http.post("/leave", headers={"Sec-Fetch-Site": "cross-site"})
    await ada.http.post("/leave", content=b"zq" * 100_000)
    await ada.post("/staff/sign-in", login="zq-login", password="zq-password", code="zq")
    form = {"text": f"{FORM_RAISES} zq-form", "key": fresh_key()}
    assert (await ada.post(f"/rooms/{ada.room}/live/say", **form)).status_code == 500


async def test_nothing_is_written_about_anybody_whatever_goes_wrong(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, module="tests.security.failing_server")
    founded = await server.found("Tuesday")
    room = founded.room.id
    ports: set[int] = set()
    async with server:
        async with (
            RecordingClient(server.address, room, "Fay", staff=founded.session) as fay,
            RecordingClient(server.address, room, "Ada") as ada,
        ):
            for client in (fay, ada):
                await client.join()
                await client.enter()
                if client is fay:
                    await fay.do(OpenMeeting(mode=Mode.OPEN))
            await _break_sockets(server, ada)
            await _break_pages(ada)
            ports = fay.ports | ada.ports
            for words in RAW:
                ports.add(await _say_raw(server.port, words))
            members = {str(fay.me), str(ada.me)}
        assert await server.stop() == 0

    first, *lines = server.log.read_text().splitlines()
    assert first == f"Candlelight is at {server.address}"
    told = "\n".join(lines)
    assert told.count("ValueError") >= len([RULE_RAISES, FRAME_RAISES, FORM_RAISES])
    assert not re.search("zq|" + re.escape(AGENT) + "|mozilla|websockets/", told, re.IGNORECASE)
    assert not re.search(r"127\.0\.0\.1|::1|" + re.escape(FORWARDED), told)
    assert not re.search(r"Traceback|File \"", told)
    assert not re.search(rf"\b({'|'.join(map(str, ports))})\b", told)
    assert not [secret for secret in (room, "Ada", "Fay", *members) if secret in told]
