"""What the rules ask of the world outside a room: each an outbox row in the same transaction.

None of them carries a word that somebody said to the room; what a person wrote to the desk travels
sealed, and no notification ever holds text.
"""

from enum import StrEnum

from rooms.kernel import Order
from rooms.room import MemberId, MemberTag
from rooms.safety import Category, Level, Outcome, Stage, Subject


class Call(StrEnum):
    """Why somebody on call is asked to come."""

    ALERT = "alert"
    HAND_OVER = "hand_over"
    WORD = "word"
    REPORT = "report"
    REMINDER = "reminder"
    TEST = "test"


class PageOnCall(Order, frozen=True, kw_only=True):
    """Call the people on shift. At stage EVERYBODY also the next ones and the operator.

    `waited` is for how many seconds nobody had come: long after a downtime, when it is said so.
    `about` is the tag of the member of staff it is about, who is not called.
    """

    why: Call = Call.ALERT
    level: Level = 0
    stage: Stage = Stage.ON_CALL
    waited: int = 0
    about: MemberTag = ""


class TellElsewhere(Order, frozen=True, kw_only=True):
    """Tell those who may take the alert and are connected in another room."""

    level: Level
    member: MemberId


class CaseKind(StrEnum):
    """What lies on the desk."""

    ALERT = "alert"
    CONCERN = "concern"
    REPORT = "report"
    UNSEEN = "unseen"
    NOTE = "note"


class TellDesk(Order, frozen=True, kw_only=True):
    """Lay a case on the desk: about somebody with a role, left over at a meeting's end, or a note
    on an alert that was closed (`outcome`). `why` is what a report is about (ReportWhy), `words`
    what somebody wrote to the desk itself, `at` is when (epoch seconds), `case` the number its
    author was told, where there is one. `tag` is that of the member of staff it is about, to whom
    the desk never shows it."""

    kind: CaseKind
    about: str
    tag: MemberTag = ""
    level: Level = 0
    category: Category | None = None
    subject: Subject | None = None
    outcome: Outcome | None = None
    why: str = ""
    words: str = ""
    case: int = 0
    at: float


class RemindStaff(Order, frozen=True, kw_only=True):
    """Remind whoever closed an alert to look how the person is, a day later."""

    tag: str
    after: float
