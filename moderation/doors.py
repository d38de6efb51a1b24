"""The doors: every field in which a person can write text, and how closely what comes in is read.

Somebody in danger may write it anywhere, so no text field is without a row here; a test compares
the table with the commands. A row that is not screened says why.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from moderation.actions import (
    HideMessage,
    MuteMember,
    ReadmitMember,
    RemoveMember,
    UnmuteMember,
)
from moderation.alerts import CloseAlert, HandOverAlert
from moderation.reporting import ReportIt
from rooms.arriving import ChangePseudonym, Join
from rooms.kernel import Command
from rooms.meetings import ChangeGroundRules, OpenMeeting, SetTopic
from rooms.on_call import ComeOnCall
from rooms.speaking import Speak
from rooms.threads import AnswerPrivately, SayPrivately


class Treatment(StrEnum):
    """What happens with a text at its door."""

    SCREENED = "screened"
    """Looked at for Danger and for a Verdict, in every standing and mode."""
    CARD_ONLY = "card_only"
    """Looked at for Danger, and only its author hears of it: a name must not raise an alarm that
    anybody can set off at the door."""
    NOT_SCREENED = "not_screened"
    """Not looked at."""


class Door(NamedTuple):
    """One text field of one command, its treatment, and why it is not another one."""

    command: type[Command]
    field: str
    treatment: Treatment
    why: str


_SAID = "What somebody says to the group is where danger and harm are written."
_NAME = "A name is chosen before anybody knows the room; its author gets the card, nobody an alert."
_TOPIC = "Written by a facilitator for the group, often about the very things a Screen looks for."
_RULES = "Written by a facilitator for the group; rules name what must not be said."
_REASON = "Written by a facilitator about what happened; it may have to quote it."

_PRIVATE = "What somebody tells a facilitator alone is where danger is said most plainly."
_REPORTED = "Somebody who reports another may be in danger themselves."
_HELPER = "A helper's words name the danger they ask about; their own card comes, nobody an alert."
_CARE = "Written by staff about somebody in danger; it has to say so."

DOORS: Final = (
    Door(Speak, "text", Treatment.SCREENED, _SAID),
    Door(SayPrivately, "text", Treatment.SCREENED, _PRIVATE),
    Door(ReportIt, "text", Treatment.SCREENED, _REPORTED),
    Door(AnswerPrivately, "text", Treatment.CARD_ONLY, _HELPER),
    Door(ComeOnCall, "pseudonym", Treatment.CARD_ONLY, _NAME),
    Door(HandOverAlert, "summary", Treatment.NOT_SCREENED, _CARE),
    Door(CloseAlert, "note", Treatment.NOT_SCREENED, _CARE),
    Door(Join, "pseudonym", Treatment.CARD_ONLY, _NAME),
    Door(ChangePseudonym, "pseudonym", Treatment.CARD_ONLY, _NAME),
    Door(OpenMeeting, "topic", Treatment.NOT_SCREENED, _TOPIC),
    Door(SetTopic, "topic", Treatment.NOT_SCREENED, _TOPIC),
    Door(ChangeGroundRules, "lines", Treatment.NOT_SCREENED, _RULES),
    Door(HideMessage, "reason", Treatment.NOT_SCREENED, _REASON),
    Door(MuteMember, "reason", Treatment.NOT_SCREENED, _REASON),
    Door(UnmuteMember, "reason", Treatment.NOT_SCREENED, _REASON),
    Door(RemoveMember, "reason", Treatment.NOT_SCREENED, _REASON),
    Door(ReadmitMember, "reason", Treatment.NOT_SCREENED, _REASON),
)
"""Every text a person can send, by command and field."""
