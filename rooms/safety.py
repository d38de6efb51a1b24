"""What a Room knows of danger: what a Screen says, the card somebody has, the alert about them.

Four levels, one category, whose life it is about, and why in words. The ladder follows the triage
of crisis services (docs/SAFETY.md): thoughts, then means or a plan, then an act. A level orders
help; it never judges anybody, and nothing is held, hidden or slowed because of it.
"""

from enum import IntEnum, StrEnum
from typing import Annotated, Final

import msgspec

Level = Annotated[int, msgspec.Meta(ge=0, le=3)]
"""0 none · 1 concern · 2 elevated · 3 emergency."""

NONE: Final = 0
CONCERN: Final = 1
ELEVATED: Final = 2
EMERGENCY: Final = 3

CountryCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}(?!\\n)$")]
"""ISO 3166-1 alpha-2, chosen by the person, never guessed."""


class Category(StrEnum):
    """What kind of danger it is."""

    SUICIDE = "suicide"
    SELFHARM = "selfharm"
    OVERDOSE = "overdose"
    VIOLENCE_ABUSE = "violence_abuse"
    WITHDRAWAL_MEDICAL = "withdrawal_medical"


class Subject(StrEnum):
    """Whose life it is about: the author's, or somebody else's."""

    SELF = "self"
    OTHER = "other"


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a text was given its level: what it says, and what around it was taken into account.

    `start` and `end` are the place of the words in the text, in characters; both 0 where the words
    stand in an earlier message. `around` are single words such as `soon`: never a quotation.
    """

    concept: str
    says: str
    around: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


class Danger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer. `craving` is no danger: it earns a quiet link to Help and nothing else."""

    level: Level = NONE
    category: Category | None = None
    subject: Subject | None = None
    because: tuple[Reason, ...] = ()
    craving: bool = False


NO_DANGER: Final = Danger()


class Card(msgspec.Struct, kw_only=True):
    """The offer somebody was given in private, at `at` (epoch seconds).

    `person` says whether somebody of this place can be reached: a facilitator here, or on call.
    """

    level: Level
    category: Category | None
    subject: Subject | None
    at: float
    person: bool
    put_away: bool = False


class Stage(IntEnum):
    """How far an alert that nobody has taken has been passed on (safety.md, section 1.5)."""

    ROOM = 0
    WIDER = 1
    ON_CALL = 2
    EVERYBODY = 3


class AlertReason(msgspec.Struct, kw_only=True):
    """A reason of an alert, with the number of the message its words stand in; 0 for words that
    were not said to the room."""

    reason: Reason
    at: float
    message: int = 0


class Alert(msgspec.Struct, kw_only=True):
    """One person's danger, open until a person closes it. Times are in seconds since the epoch.

    `since` is what the timers count from; `acted` the owner's last act. `offered` is to whom it is
    being handed over, with a `summary`: the owner stays responsible until they accept.
    """

    level: Level
    category: Category | None
    subject: Subject | None
    pseudonym: str
    since: float
    reasons: list[AlertReason] = []
    country: str = ""
    shown: bool = False
    put_away: bool = False
    asked: bool = False
    stage: Stage = Stage.ROOM
    widened: float = 0.0
    owner: int = 0
    acted: float = 0.0
    helped: bool = False
    nudged: float = 0.0
    offered: int = 0
    summary: str = ""


MOST_REASONS: Final = 12
"""Reasons kept with an alert, the newest; the words themselves are in the room."""


class Outcome(StrEnum):
    """How an alert ended. A person says so; nothing else closes one."""

    TALKED_SAFE = "talked_safe"
    ACCEPTED_RESOURCE = "accepted_resource"
    DECLINED_RESOURCE = "declined_resource"
    EMERGENCY_CALLED_BY_MEMBER = "emergency_called_by_member"
    EMERGENCY_CALLED_BY_STAFF = "emergency_called_by_staff"
    WITH_SOMEONE = "with_someone"
    LEFT_NO_CONTACT = "left_no_contact"
    REFERRED = "referred"
    FALSE_ALARM = "false_alarm"
    DUPLICATE = "duplicate"
