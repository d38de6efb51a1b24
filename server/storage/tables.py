"""The tables of live rooms and of what keeps them: log, heads, keys, meetings, outbox.

A time in a column named `…minute` is whole minutes since the epoch: exact times are sealed inside
the bodies. No column here holds anything about a person but a room's own numbers and keyed digests.
Live tables have no foreign keys: the compare-and-set on `heads` already says that the room exists,
and a check per row would be paid with every message.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.storage.metadata import metadata

rooms = Table(
    "rooms",
    metadata,
    Column("id", String(6), primary_key=True),  # the neutral slug
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("audience", String(6), nullable=False),
    Column("about", Text, nullable=False),
    Column("how_it_runs", Text, nullable=False),
    Column("mandated_reporter", Boolean, nullable=False),
    Column("created_minute", Integer, nullable=False),
    Column("archived", Boolean, nullable=False),
    CheckConstraint("audience IN ('adults', 'young')", name="audience"),
)

heads = Table(
    "heads",
    metadata,
    Column("room", String(6), primary_key=True),
    Column("n", BigInteger, nullable=False),  # the number of the room's last event
    Column("epoch", String(16), nullable=False),
    sqlite_with_rowid=False,
)

# One B-tree and no second index: every further index is paid with every message.
log = Table(
    "log",
    metadata,
    Column("room", String(6), primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", BigInteger, nullable=False),  # 0 room, 1 staff, 2 core, else a MemberId
    Column("seq", BigInteger, nullable=False),
    Column("minute", Integer, nullable=False),
    Column("key_id", Integer, nullable=False),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("actor", LargeBinary(16)),  # keyed digest of who acted
    Column("mark", LargeBinary(24)),  # keyed digest of the command's key
    sqlite_with_rowid=False,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("room", String(6), primary_key=True),  # the newest one alone is kept
    Column("n", BigInteger, nullable=False),
    Column("key_id", Integer, nullable=False),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

wakes = Table(
    "wakes",
    metadata,
    Column("room", String(6), primary_key=True),
    Column("due", Float, nullable=False),  # seconds since the epoch
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("room", String(6), nullable=False),
    Column("n", BigInteger, nullable=False),  # the room's head with the command's own events
    Column("key_id", Integer, nullable=False),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("due", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("leased_until", Float, nullable=False),
    Column("dead", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", String(6), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("wrapped", LargeBinary(48), nullable=False),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("dies_on", String(10), nullable=False, index=True),  # the last day of its life, UTC
    sqlite_autoincrement=True,  # a number is never given twice, or an old row could meet a new key
)

meetings = Table(
    "meetings",
    metadata,
    Column("room", String(6), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("opened_minute", Integer, nullable=False),
    Column("closed_minute", Integer),
    Column("attendance", Integer),
    # What retention needs; emptied when the meeting's rows are gone and only numbers stay.
    Column("key_id", Integer),
    Column("first_n", BigInteger),
    Column("last_n", BigInteger),
    Column("delete_after", Integer),  # minute
)

sanctions = Table(
    "sanctions",
    metadata,
    Column("room", String(6), primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),  # the event that set it
    Column("member", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("until_minute", Integer),  # none: until lifted
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", String(6), nullable=False, index=True),
    Column("n", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", LargeBinary(16)),
    Column("target", LargeBinary(16)),
    Column("minute", Integer, nullable=False),
    Column("until_minute", Integer),
    sqlite_autoincrement=True,
)
