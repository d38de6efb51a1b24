"""The tables of staff: Accounts, their roles, sessions and backup codes, and invitations.

Staff alone are in the database. For guests there is no table, by design: a guest is a secret in
their own browser. Times are whole minutes since the epoch, because nobody needs to know more.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from server.storage.metadata import metadata

EVERY_ROOM: Final = ""
"""The room id of a role that holds across rooms: Moderator, Operator."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("login", String(40), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("totp_sealed", LargeBinary, nullable=False),
    Column("last_totp_step", Integer, nullable=False),
    Column("disabled_minute", Integer),
)

roles = Table(
    "roles",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("room_id", String(16), primary_key=True),
    Column("role", String(16), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_minute", Integer, nullable=False),
    Column("used_minute", Integer, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("login", String(40)),
    # Either a role in a room is offered, or an Account that is there is to be taken up again.
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE")),
    Column("room_id", String(16)),
    Column("role", String(16)),
    Column("expires_minute", Integer, nullable=False),
)

backup_codes = Table(
    "backup_codes",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("code_digest", LargeBinary(32), primary_key=True),
)

# The one room where nobody meets: whoever asks for a person from a page of Help comes here.
help_room = Table(
    "help_room",
    metadata,
    Column("room", String(6), primary_key=True),
)
