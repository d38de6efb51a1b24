"""Every setting, in one table. `docs/SETTINGS.md` is generated from it.

A setting comes from the environment: `NAME`, or `NAME_FILE` with the path of a file that holds the
value (for secrets, which have no place in an environment that crash reports print). What makes no
sense is refused at start, with one clear sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from server import setting_values as values


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


TABLE: Final = (
    Setting(
        "PRODUCTION",
        values.flag,
        "false",
        "Whether people in need rely on this server. Then the address must be https, cookies are "
        "Secure, and the keys must lie apart from the data.",
    ),
    Setting(
        "HOST", values.host, "127.0.0.1", "The interface to listen on; a proxy stands before it."
    ),
    Setting("PORT", values.number(0, 65535), "8000", "The port to listen on; 0 takes a free one."),
    Setting(
        "ORIGIN",
        lambda value: values.origin(value) if value else "",
        "",
        "The address people type, such as https://meet.example.org. Needed in production; "
        "elsewhere the loopback addresses of the port are allowed.",
    ),
    Setting(
        "DATA_DIR",
        values.path,
        "data",
        "The folder of the database. Back it up.",
    ),
    Setting(
        "KEYS_DIR",
        values.path,
        "keys",
        "The folder of the keys that die on their day. Never inside DATA_DIR, never in a backup.",
    ),
    Setting(
        "DEPLOYMENT_KEY",
        values.key,
        "",
        "The one secret of this deployment, 64 hexadecimal digits. Without it a key file is made "
        "in KEYS_DIR at the first start. Changing it forgets every person.",
        secret=True,
    ),
    Setting(
        "GROUP_NAME",
        values.text(60),
        "Evening Group",
        "What this place is called. Keep it neutral.",
    ),
    Setting(
        "NEUTRAL_TITLE", values.text(40), "Notes", "The title of the page that covers everything."
    ),
    Setting(
        "EXIT_URL",
        values.address,
        "https://www.bbc.com/weather",
        "Where Leave quickly goes: an ordinary page that many people visit.",
    ),
    Setting(
        "KEEP_HOURS",
        values.number(24, 24 * 30),
        "24",
        "How long the words of a meeting can be read after it opens, in hours, at least. Their "
        "key is destroyed at the end of that day (UTC), so at most a day later.",
    ),
    Setting(
        "HOTLINES_FILE",
        values.optional_path,
        "",
        "The operator's own help lines, which override the shipped ones.",
    ),
    Setting(
        "COUNTRIES",
        values.countries,
        "",
        "The countries most of your people live in, such as `NL BE`; `candlelight doctor` tells "
        "when a help line there wants checking. Help itself knows every country.",
    ),
    Setting(
        "TIMEZONE",
        values.zone,
        "UTC",
        "The time zone of the shift plan, such as `Europe/Amsterdam`.",
    ),
    Setting(
        "WEBHOOK_URL",
        values.optional_address,
        "",
        "An address of yours that is called when somebody on call is needed: a POST of JSON, never "
        "with a word from a room. It counts as reaching whoever is on shift.",
    ),
    Setting(
        "WEBHOOK_SECRET",
        values.secret,
        "",
        "The secret with which every call of the webhook is signed; needed with `WEBHOOK_URL`.",
        secret=True,
    ),
    Setting(
        "SMTP_URL",
        values.mail_server,
        "",
        "The mail server that calls go through: `smtp://` or `smtps://`, with name and password "
        "where it asks for them. Without it nobody is called by mail.",
        secret=True,
    ),
    Setting(
        "MAIL_FROM",
        values.mail_sender,
        "",
        "The sender of those mails; needed with `SMTP_URL`.",
    ),
    Setting(
        "WEB_PUSH",
        values.flag,
        "false",
        "Whether staff may be called through their browser. The browser's maker then learns when "
        "this server calls whom, though not why.",
    ),
    Setting(
        "CERTIFICATE_FILE",
        values.optional_path,
        "",
        "The certificate of the address people type, where this user can read it; `candlelight "
        "doctor` tells when it ends soon.",
    ),
    Setting(
        "METRICS_PORT",
        values.number(0, 65535),
        "0",
        "The port of `127.0.0.1` on which numbers without identifiers can be read (Prometheus's "
        "text format); 0 for none.",
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
    countries: tuple[str, ...]
    timezone: ZoneInfo
    webhook_url: str
    webhook_secret: bytes
    smtp_url: str
    mail_from: str
    web_push: bool
    certificate_file: Path | None
    metrics_port: int

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
    read: dict[str, Any] = {}
    for row in TABLE:
        text = _given(row, environment)
        try:
            read[row.name.lower()] = row.read(text)
        except ValueError as why:
            # The value itself is not repeated: it may be a secret that was put in the wrong row.
            raise SettingRefused(f"{row.name} {why}.") from None
    settings = Settings(**read)
    if settings.production and not settings.origin.startswith("https://"):
        raise SettingRefused("ORIGIN must be an https address when PRODUCTION is true.")
    if settings.webhook_url and not settings.webhook_secret:
        raise SettingRefused("WEBHOOK_SECRET must be given with WEBHOOK_URL.")
    if settings.smtp_url and not settings.mail_from:
        raise SettingRefused("MAIL_FROM must be given with SMTP_URL.")
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
