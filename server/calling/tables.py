"""The tables of shifts, of ways to reach staff, of calls on their way, and of the desk's cases.

Staff alone are in them. An address at which somebody wants to be reached is sealed with a key of
the deployment, so a stolen database calls nobody.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
)

from server.storage.metadata import metadata

shifts = Table(
    "shifts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("room_id", String(16), nullable=False),  # empty: every room
    Column("weekday", Integer, nullable=False),  # Monday is 0
    Column("begins", Integer, nullable=False),  # minute of the day, in the deployment's time zone
    Column("ends", Integer, nullable=False),  # at or before `begins`: the next morning
    sqlite_autoincrement=True,
)

contacts = Table(
    "contacts",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("digest", LargeBinary(16), primary_key=True),  # keyed; so that none is kept twice
    Column("sealed", LargeBinary, nullable=False),
)

# One row for each person and channel: calls that come close together are one, with a count.
calls = Table(
    "calls",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),  # 0: the webhook
    Column("channel", String(8), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("why", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("room", String(6), nullable=False),
    Column("waited", Integer, nullable=False),  # seconds
    Column("due", Float, nullable=False),  # seconds since the epoch
    Column("sent", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("dead", Boolean, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room", String(6), nullable=False),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("category", String(24)),
    Column("subject", String(8)),
    Column("outcome", String(32)),
    Column("minute", Integer, nullable=False),
    Column("key_id", Integer, nullable=False, index=True),
    Column("nonce", LargeBinary(12), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("closed_minute", Integer),
    Column("decision", String(32)),
    sqlite_autoincrement=True,
)
