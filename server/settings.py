"""Every setting, in one table. `docs/SETTINGS.md` is generated from it.

A setting comes from the environment: `NAME`, or `NAME_FILE` with the path of a file that holds the
value (for secrets, which have no place in an environment that crash reports print). What makes no
sense is refused at start, with one clear sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit


class SettingRefused(Exception):
    """A setting makes no sense; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the name, how the text is read, the default, and what it means."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    secret: bool = False


def _text(limit: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not value.strip() or len(value) > limit or not value.isprintable():
            raise ValueError(f"must be 1 to {limit} printable characters")
        return value.strip()

    return read


def _flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.lower() == "true"


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return read


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # whose message would repeat the value
        good = False
    if not good or parts.username or not value.isprintable():
        raise ValueError("must be a full address that begins with https://")
    return value


def _origin(value: str) -> str:
    address = urlsplit(_address(value))
    if address.path not in ("", "/") or address.query or address.fragment:
        raise ValueError("must be a scheme and a host alone, such as https://meet.example.org")
    return value.rstrip("/").lower()  # as browsers write it


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:\-\[\]]+", value):
        raise ValueError("must be the name or address of a network interface")
    return value


def _key(value: str) -> bytes | None:
    if not value:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value.strip()):
        raise ValueError("must be 64 hexadecimal digits")
    return bytes.fromhex(value.strip())


def _path(value: str) -> Path:
    if not value.strip() or "\0" in value:
        raise ValueError("must be the path of a folder")
    return Path(value)


def _optional_path(value: str) -> Path | None:
    return Path(value) if value else None


TABLE: Final = (
    Setting(
        "PRODUCTION",
        _flag,
        "false",
        "Whether people in need rely on this server. Then the address must be https, cookies are "
        "Secure, and the keys must lie apart from the data.",
    ),
    Setting("HOST", _host, "127.0.0.1", "The interface to listen on; a proxy stands before it."),
    Setting("PORT", _number(0, 65535), "8000", "The port to listen on; 0 takes a free one."),
    Setting(
        "ORIGIN",
        lambda value: _origin(value) if value else "",
        "",
        "The address people type, such as https://meet.example.org. Needed in production; "
        "elsewhere the loopback addresses of the port are allowed.",
    ),
    Setting(
        "DATA_DIR",
        _path,
        "data",
        "The folder of the database. Back it up.",
    ),
    Setting(
        "KEYS_DIR",
        _path,
        "keys",
        "The folder of the keys that die on their day. Never inside DATA_DIR, never in a backup.",
    ),
    Setting(
        "DEPLOYMENT_KEY",
        _key,
        "",
        "The one secret of this deployment, 64 hexadecimal digits. Without it a key file is made "
        "in KEYS_DIR at the first start. Changing it forgets every person.",
        secret=True,
    ),
    Setting(
        "GROUP_NAME", _text(60), "Evening Group", "What this place is called. Keep it neutral."
    ),
    Setting("NEUTRAL_TITLE", _text(40), "Notes", "The title of the page that covers everything."),
    Setting(
        "EXIT_URL",
        _address,
        "https://www.bbc.com/weather",
        "Where Leave quickly goes: an ordinary page that many people visit.",
    ),
    Setting(
        "KEEP_HOURS",
        _number(24, 24 * 30),
        "24",
        "How long the words of a meeting can be read after it opens, in hours, at least. Their "
        "key is destroyed at the end of that day (UTC), so at most a day later.",
    ),
    Setting(
        "HOTLINES_FILE",
        _optional_path,
        "",
        "The operator's own help lines, which override the shipped ones.",
    ),
)
"""Every setting there is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the table reads, by the lower-case names of its rows."""

    production: bool
    host: str
    port: int
    origin: str
    data_dir: Path
    keys_dir: Path
    deployment_key: bytes | None
    group_name: str
    neutral_title: str
    exit_url: str
    keep_hours: int
    hotlines_file: Path | None

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return f"sqlite:///{self.data_dir.absolute()}/candlelight.db"

    @property
    def secure(self) -> bool:
        """Whether pages come over https, so that cookies must be Secure."""
        return self.production or self.origin.startswith("https:")

    def __repr__(self) -> str:
        return f"Settings(production={self.production}, origin={self.origin!r})"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the table from an environment. Raises SettingRefused with one sentence."""
    values: dict[str, Any] = {}
    for row in TABLE:
        text = _given(row, environment)
        try:
            values[row.name.lower()] = row.read(text)
        except ValueError as why:
            # The value itself is not repeated: it may be a secret that was put in the wrong row.
            raise SettingRefused(f"{row.name} {why}.") from None
    settings = Settings(**values)
    if settings.production and not settings.origin.startswith("https://"):
        raise SettingRefused("ORIGIN must be an https address when PRODUCTION is true.")
    return settings


def _given(row: Setting, environment: Mapping[str, str]) -> str:
    direct, path = environment.get(row.name), environment.get(f"{row.name}_FILE")
    if direct is not None and path is not None:
        raise SettingRefused(f"Give {row.name} or {row.name}_FILE, not both.")
    if path is None:
        return row.default if direct is None else direct
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingRefused(f"The file named by {row.name}_FILE cannot be read.") from None
    if not text:
        # An empty secret would silently be replaced by a new one, and everybody forgotten.
        raise SettingRefused(f"The file named by {row.name}_FILE is empty.")
    return text


def as_markdown() -> str:
    """`docs/SETTINGS.md`."""
    rows = "\n".join(
        f"| `{row.name}` | {f'`{row.default}`' if row.default else 'none'} | {row.meaning}"
        f"{' A secret: prefer the `_FILE` form.' if row.secret else ''} |"
        for row in TABLE
    )
    return (
        "# Settings\n\n"
        "Generated from `server/settings.py`; `./dev docs` writes it anew.\n\n"
        "A setting comes from the environment. Each can also be given as `NAME_FILE`, the path of\n"
        "a file that holds the value. A setting that makes no sense stops the start with one\n"
        "sentence.\n\n"
        "| name | default | meaning |\n| --- | --- | --- |\n" + rows + "\n"
    )
