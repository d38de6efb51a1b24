"""The ways a call goes out: the operator's webhook, mail, and push. Never a word of a room.

Each raises when the call did not go out; who sends tries again.
"""

import asyncio
import hmac
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from hashlib import sha256
from typing import Final, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import httpx2
import msgspec

from rooms.orders import Call
from server.calling.push import PushKey, encrypted, read_address

TIMEOUT_SECONDS: Final = 10.0
"""Longer than any working service takes; a call that hangs is tried again instead."""


class CallFailed(Exception):
    """The call did not go out. `gone` says that this address will never work again."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__("a call did not go out")
        self.gone = gone


class Notice(NamedTuple):
    """What a call says: why somebody is needed, how urgently, where, how often it happened since
    the last call, and for how many seconds nobody could come (0: it is new)."""

    why: Call
    level: int
    room: str
    times: int
    waited: int
    link: str

    def sentence(self) -> str:
        """The call in words. Nothing in it was said by anybody."""
        sentence = _SENTENCES[self.why].format(level=self.level, room=self.room)
        if self.times > 1:
            sentence += f" {self.times} calls in the last minute."
        if self.waited:
            sentence += f" It has waited for {max(1, self.waited // 60)} minutes."
        return sentence


_SENTENCES: Final[Mapping[Call, str]] = {
    Call.ALERT: "Level {level} alert in {room}. Nobody has taken it yet.",
    Call.HAND_OVER: "An alert in {room} is being handed over to whoever is on call.",
    Call.WORD: "Somebody in {room} asks for a private word.",
    Call.REPORT: "A report in {room} is about somebody with a role.",
    Call.TEST: "This is a test. Calls from {room} reach you here.",
    Call.REMINDER: "A day ago you closed an alert in {room}. Look how the person is, if you can.",
}


class Channel(Protocol):
    """One way to reach people."""

    async def send(self, address: str, notice: Notice) -> None:
        """Send a call to one address. Raises CallFailed."""


class Webhook:
    """A POST to the operator's own address, signed so that they know it is from here.

    `Candlelight-Signature: t=<seconds>,v1=<hex>` is the HMAC-SHA256 of `<seconds>.<body>` under
    WEBHOOK_SECRET. The time is part of it, so that an old call cannot be sent again.
    """

    def __init__(
        self, address: str, secret: bytes, client: httpx2.AsyncClient, wall: Callable[[], float]
    ) -> None:
        self._address = address
        self._secret = secret
        self._client = client
        self._wall = wall

    async def send(self, address: str, notice: Notice) -> None:
        """See `Channel.send`; the address is the operator's own."""
        del address
        body = msgspec.json.encode(
            {
                "why": notice.why,
                "level": notice.level,
                "room": notice.room,
                "count": notice.times,
                "waited": notice.waited,
                "text": notice.sentence(),
                "link": notice.link,
            }
        )
        headers = {"Content-Type": "application/json"} | signature(
            self._secret, body, int(self._wall())
        )
        await _post(self._client, self._address, body, headers)


def signature(secret: bytes, body: bytes, now: int) -> dict[str, str]:
    """The header that says who sent a body, and when (seconds since the epoch)."""
    signed = hmac.new(secret, f"{now}.".encode() + body, sha256).hexdigest()
    return {"Candlelight-Signature": f"t={now},v1={signed}"}


class Push:
    """Wakes a browser. The subject is where this deployment is."""

    def __init__(
        self, key: PushKey, subject: str, client: httpx2.AsyncClient, wall: Callable[[], float]
    ) -> None:
        self._key = key
        self._subject = subject
        self._client = client
        self._wall = wall

    async def send(self, address: str, notice: Notice) -> None:
        """See `Channel.send`. The phone's screen shows two neutral words; more would be read by
        whoever holds it."""
        to = read_address(address)
        text = msgspec.json.encode({"title": "New update", "link": notice.link})
        headers = self._key.headers(to.endpoint, self._subject, self._wall())
        await _post(self._client, to.endpoint, encrypted(to, text), headers)


class Mail:
    """A mail through the operator's server: `smtp://` (which begins to encrypt where it can) or
    `smtps://`, with name and password where the server asks for them."""

    def __init__(self, server: str, sender: str) -> None:
        self._server = urlsplit(server)
        self._sender = sender

    async def send(self, address: str, notice: Notice) -> None:
        """See `Channel.send`."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, address
        message["Subject"] = "Somebody is needed" if notice.why is not Call.TEST else "A test"
        message.set_content(f"{notice.sentence()}\n\n{notice.link}\n")
        try:
            await asyncio.to_thread(self._deliver, message)
        except (OSError, smtplib.SMTPException):
            # Its text may hold an address, and whatever a server far away wrote.
            raise CallFailed() from None

    def _deliver(self, message: EmailMessage) -> None:
        secure = ssl.create_default_context()
        host, port = self._server.hostname or "", self._server.port
        direct = self._server.scheme == "smtps"
        connection = (
            smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=secure)
            if direct
            else smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)
        )
        with connection as smtp:
            smtp.ehlo()
            if not direct and smtp.has_extn("starttls"):
                smtp.starttls(context=secure)
            if self._server.username:
                smtp.login(unquote(self._server.username), unquote(self._server.password or ""))
            smtp.send_message(message)


async def _post(
    client: httpx2.AsyncClient, address: str, body: bytes, headers: Mapping[str, str]
) -> None:
    try:
        answer = await client.post(address, content=body, headers=dict(headers))
    except (httpx2.HTTPError, ValueError):
        raise CallFailed() from None
    if answer.status_code in (404, 410):
        raise CallFailed(gone=True)
    if not answer.is_success:
        raise CallFailed()
