"""How the text of a setting is read: each of these gives its value, or says what it must be.

All of them raise `ValueError` with the end of a sentence that begins with the setting's name.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def text(limit: int) -> Callable[[str], str]:
    """Printable text of at most `limit` characters."""

    def read(value: str) -> str:
        if not value.strip() or len(value) > limit or not value.isprintable():
            raise ValueError(f"must be 1 to {limit} printable characters")
        return value.strip()

    return read


def flag(value: str) -> bool:
    """`true` or `false`."""
    if value.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.lower() == "true"


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return read


def address(value: str) -> str:
    """An address of the web that names nobody."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # whose message would repeat the value
        good = False
    if not good or parts.username or not value.isprintable():
        raise ValueError("must be a full address that begins with https://")
    return value


def origin(value: str) -> str:
    """A scheme and a host, as browsers write them."""
    parts = urlsplit(address(value))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must be a scheme and a host alone, such as https://meet.example.org")
    return value.rstrip("/").lower()  # as browsers write it


def host(value: str) -> str:
    """A network interface."""
    if not re.fullmatch(r"[A-Za-z0-9.:\-\[\]]+", value):
        raise ValueError("must be the name or address of a network interface")
    return value


def key(value: str) -> bytes | None:
    """32 bytes in hexadecimal digits; none where nothing is written."""
    if not value:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value.strip()):
        raise ValueError("must be 64 hexadecimal digits")
    return bytes.fromhex(value.strip())


def path(value: str) -> Path:
    """A path."""
    if not value.strip() or "\0" in value:
        raise ValueError("must be the path of a folder")
    return Path(value)


def optional_path(value: str) -> Path | None:
    """A path, or none."""
    return Path(value) if value else None


def countries(value: str) -> tuple[str, ...]:
    """Countries of two letters, each once, between spaces or commas."""
    codes = value.upper().replace(",", " ").split()
    if not all(re.fullmatch("[A-Z]{2}", code) for code in codes):
        raise ValueError("must be countries of two letters each, such as NL BE")
    return tuple(dict.fromkeys(codes))


def zone(value: str) -> ZoneInfo:
    """A time zone of the IANA database."""
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Amsterdam") from None


def optional_address(value: str) -> str:
    """An address of the web, or none."""
    return address(value) if value else ""


def secret(value: str) -> bytes:
    """Something that cannot be guessed, or nothing."""
    if value and len(value.strip()) < 24:
        raise ValueError("must be at least 24 characters that nobody can guess")
    return value.strip().encode()


def mail_server(value: str) -> str:
    """A mail server, or none."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not value.isprintable():
        raise ValueError("must begin with smtp:// or smtps:// and name a server")
    return value


def mail_sender(value: str) -> str:
    """A mail address, or none."""
    if value and not re.fullmatch(r"[^@\s<>,;]+@[A-Za-z0-9.-]+", value):
        raise ValueError("must be a mail address alone, such as calls@example.org")
    return value
