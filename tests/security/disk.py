"""What somebody finds who has the disk: every value of every table, every byte of every file, and
every word that the keys beside them still open."""

import base64
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from server.assemble import open_storage
from server.settings import Settings
from server.storage.keys import KeyDestroyed
from server.storage.sealing import ORDER, SNAPSHOT, Sealed, unseal
from server.storage.tables import log, outbox, snapshots

LONGER_THAN: Final = 3
"""Bytes. Numbers and words up to this length are shared by chance and tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one row, and where it is; `place` is the row's room, or a table without one."""

    place: str
    column: str
    raw: bytes


def values(database: Path) -> Iterator[Value]:
    """Every value in the file that is longer than three bytes."""
    with closing(sqlite3.connect(database)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (table,) in connection.execute(names).fetchall():
            rows = connection.execute(f"SELECT * FROM {table}")
            columns = [description[0] for description in rows.description]
            whose = ["id"] if table == "rooms" else ["room", "room_id"]
            for row in rows:
                cells = dict(zip(columns, row, strict=True))
                place = next((cells[name] for name in whose if cells.get(name)), table)
                for column, cell in cells.items():
                    if len(raw := as_bytes(cell)) > LONGER_THAN:
                        yield Value(place, f"{table}.{column}", raw)


def as_bytes(cell: object) -> bytes:
    """A value as the bytes that it takes: for a whole number as few as it needs."""
    match cell:
        case bytes():
            return cell
        case str():
            return cell.encode()
        case int():
            return cell.to_bytes((cell.bit_length() + 7) // 8, signed=cell < 0)
        case float():
            return struct.pack(">d", cell)
        case _:
            return b""


def files(*folders: Path) -> dict[Path, bytes]:
    """Every file in these folders, and what is in it."""
    return {
        path: path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def guises(needle: str) -> dict[str, bytes]:
    """The forms in which words could lie on a disk without looking like words."""
    plain = needle.encode()
    found = {
        "utf-8": plain,
        "utf-16-le": needle.encode("utf-16-le"),
        "utf-16-be": needle.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "reversed": plain[::-1],
    }
    for shift in range(3):  # where the words begin within three bytes changes every letter
        inner = base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 :]
        found[f"base64 {shift}"] = inner[: len(inner) // 4 * 4 - 4]
    return found


def traces(needle: str, found: dict[Path, bytes]) -> list[str]:
    """Where a needle shows, in whatever guise; nothing more than file names and forms."""
    return [
        f"{path.name} ({guise})"
        for path, content in found.items()
        for guise, form in guises(needle).items()
        if form in content
    ]


def readable(settings: Settings) -> bytes:
    """Everything in the data folder that a key in the keys folder still opens."""
    database, keys, _ = open_storage(settings)
    found: list[bytes] = []

    def look(connection: Connection) -> None:
        for table, stream in ((log, None), (snapshots, SNAPSHOT), (outbox, ORDER)):
            for row in connection.execute(select(table)):
                with suppress(KeyDestroyed):
                    key = keys.unwrap(row.key_id, connection)
                    place = row.stream if stream is None else stream
                    body = Sealed(row.nonce, row.body)
                    found.append(unseal(key, row.room, row.n, place, body))

    try:
        database.write_now(look)
    finally:
        database.close_now()
    return b"\n".join(found)
