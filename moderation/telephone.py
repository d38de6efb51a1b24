"""Telephone numbers as people dial them, and the links that dial them.

A short code stays as it is dialled: written as `+44116123` it cannot be dialled at all, and public
lists make that mistake often. A number in a link is therefore the number on the page without its
spaces, never one that was put together from a country prefix.
"""

import re
from typing import Literal
from urllib.parse import quote

import msgspec

_NOT_DIALLED = re.compile(r"[^0-9+*#]")
_SUBSCRIBER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9*#][0-9*#]{1,14}")
"""E.164 allows fifteen digits; the shortest codes in use have two. RFC 3966 allows these marks."""


class Data(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Facts from a data file: unknown fields are refused, so that a slip of the pen is told."""


def dialled(number: str) -> str:
    """What the telephone dials: digits, `+`, `*` and `#`, without spaces, dashes and brackets."""
    return _NOT_DIALLED.sub("", number)


def dialable(number: str) -> bool:
    """Whether a telephone can dial it: a local number or code, or an international one in full."""
    return _SUBSCRIBER.fullmatch(dialled(number)) is not None


def call_link(number: str) -> str:
    """The `tel:` link for a number."""
    return "tel:" + dialled(number).replace("#", "%23")


class Phone(Data, frozen=True, kw_only=True):
    """A number as people dial it in its country.

    `in_numbering_plan` says whether a public numbering plan knows it (None: not asked). New codes
    are often missing there, so False is a reason to dial it once, not a reason to hide it.
    """

    dial: str
    e164: str | None = None
    in_numbering_plan: bool | None = None

    @property
    def link(self) -> str:
        """The `tel:` link."""
        return call_link(self.dial)


class TextNumber(Data, frozen=True, kw_only=True):
    """A number to write to, and the word to begin with where the service asks for one."""

    number: str
    keyword: str | None = None
    app: Literal["sms", "whatsapp"] = "sms"

    @property
    def link(self) -> str:
        """The link that opens a message; `?&body=` is the form both large phone systems read."""
        if self.app == "whatsapp":
            return "https://wa.me/" + dialled(self.number).lstrip("+")
        body = f"?&body={quote(self.keyword, safe='')}" if self.keyword else ""
        return f"sms:{dialled(self.number)}{body}"
