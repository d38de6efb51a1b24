"""Forms: what came in them, and the key that makes sending one twice harmless."""

import re
import secrets
from typing import Final

from starlette.requests import Request

KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""What a key looks like on the wire (`server/live/protocol.py`)."""

MOST_FIELDS: Final = 60


def fresh_key() -> str:
    """A new key for a hidden field, 128 random bits in 22 characters.

    It is drawn when the page is made. A form that is sent twice carries the same key, and the room
    does once what it asks for.
    """
    return secrets.token_urlsafe(16)


class Form:
    """The text fields of a form, each with the first of its values."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        """A field's text; empty where the field is not there."""
        return self._fields.get(name, "")

    def has(self, name: str) -> bool:
        """Whether a box is ticked, or a button was pressed."""
        return bool(self._fields.get(name))

    @property
    def key(self) -> str:
        """The form's key; a fresh one for a form that was made by hand and has none."""
        sent = self["key"]
        return sent if KEY.fullmatch(sent) else fresh_key()


async def read(request: Request) -> Form:
    """The form of a request. The guard lets no body through that could hold a file."""
    fields: dict[str, str] = {}
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, value)
    return Form(fields)
