"""What the doctor sees on the machine: keys, clock, disk, certificate, and lexicons kept ready."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from server.doctor.finding import Finding, broken, look, ok
from server.lexicons import prepared
from server.settings import Settings
from server.storage.keys import check_apart

KEY_FILE: Final = "deployment.key"
FIRST_YEAR: Final = 2026
LAST_YEAR: Final = 2099
LITTLE_DISK: Final = 1024**3
NO_DISK: Final = 100 * 1024**2
CERTIFICATE_SOON: Final = timedelta(days=14)


def keys(settings: Settings, now: float) -> Iterator[Finding]:
    """Whether the keys lie apart, are nobody else's to read, and die on their day."""
    data, folder = settings.data_dir.absolute(), settings.keys_dir.absolute()
    yield from _folders(data, folder)
    if not folder.is_dir():
        yield broken(
            "keys",
            f"There is no folder {folder}. Run `candlelight init`, or look "
            "whether a disk is missing; without the keys nobody's words can be read.",
        )
        return
    files = [path for path in folder.iterdir() if path.is_file()]
    open_to_others = sorted(path.name for path in files if path.stat().st_mode & 0o077)
    if open_to_others:
        yield broken(
            "keys", f"Other users can read {', '.join(open_to_others)} in {folder}. chmod 600 them."
        )
    late = [path for path in files if _dead(path, datetime.fromtimestamp(now, UTC).date())]
    if late:
        yield broken(
            "keys",
            f"{len(late)} keys should have died already. Start the server: it "
            "destroys them within an hour; if it runs, look in its log.",
        )
    if settings.deployment_key is None and not (folder / KEY_FILE).exists():
        yield look(
            "keys",
            "There is no deployment key yet. The first start makes one; keep a copy "
            "of it in a safe place.",
        )
    elif not (open_to_others or late):
        yield ok("keys", "They lie apart from the data, closed to others, and none is overdue.")


def _folders(data: Path, folder: Path) -> Iterator[Finding]:
    try:
        check_apart(data, folder)
    except ValueError:
        yield broken(
            "folders",
            "The keys folder lies inside the data folder, so every copy of the "
            "data holds the keys. Move it, and set KEYS_DIR.",
        )
    for path in (data, folder):
        if not path.is_dir():
            continue
        about = path.stat()
        if about.st_mode & 0o077:
            yield broken("folders", f"Other users can look into {path}. chmod 700 it.")
        if about.st_uid != os.geteuid():
            yield look(
                "folders",
                f"{path} belongs to another user. Run commands as the user of "
                "the server, or files of yours will be in its way.",
            )


def _dead(path: Path, today: date) -> bool:
    """Whether a key file's day is past. Retention runs each hour, so a file of yesterday may still
    be there shortly after midnight; one of the day before may not."""
    try:
        return date.fromisoformat(path.name[:10]) < today - timedelta(days=1)
    except ValueError:
        return False


def clock(now: float) -> Iterator[Finding]:
    """Whether the year makes sense. Keys die by this clock."""
    year = datetime.fromtimestamp(now, UTC).year
    if FIRST_YEAR <= year <= LAST_YEAR:
        yield ok(
            "clock",
            f"It says {datetime.fromtimestamp(now, UTC):%d %B %Y, %H:%M} UTC. Compare "
            "it with your own.",
        )
    else:
        yield broken(
            "clock", f"It says the year {year}. Stop the server and set the clock: keys die by it."
        )


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for what people will say."""
    for name, folder in (("DATA_DIR", settings.data_dir), ("KEYS_DIR", settings.keys_dir)):
        if not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free
        left = f"{free // 1024**2:,} MiB are free on the disk of {name}."
        if free < NO_DISK:
            yield broken("disk", f"{left} Words will soon not be stored. Make room now.")
        elif free < LITTLE_DISK:
            yield look("disk", f"{left} Make room this week.")
        else:
            yield ok("disk", left)


def certificate(settings: Settings, now: float) -> Iterator[Finding]:
    """How long the certificate is good for, where its file is named."""
    path = settings.certificate_file
    if path is None:
        yield ok("certificate", "CERTIFICATE_FILE names none, so this is left to your proxy.")
        return
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        yield look(
            "certificate",
            f"{path} cannot be read as a certificate. Set CERTIFICATE_FILE to one, or to nothing.",
        )
        return
    left = ends - datetime.fromtimestamp(now, UTC)
    if left <= timedelta():
        yield broken(
            "certificate",
            f"It ended on {ends:%d %B %Y}. Nobody can come in. Look why "
            "your proxy does not renew it.",
        )
    elif left < CERTIFICATE_SOON:
        yield look(
            "certificate", f"It ends on {ends:%d %B %Y}. Look why your proxy has not renewed it."
        )
    else:
        yield ok("certificate", f"It is good until {ends:%d %B %Y}.")


def lexicons() -> Iterator[Finding]:
    """Whether a start, and the first who says something, would wait for the lexicons."""
    if prepared():
        yield ok("lexicons", "They are read and compiled.")
    else:
        yield look(
            "lexicons",
            "They are read anew at every start, and compiled while people wait. Run `candlelight "
            "lexicons` once, as a user who may write where the code lies.",
        )
