"""What a form of the live room asks for: the last word of its address, and its fields."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember, UnmuteMember
from moderation.alerts import (
    AcceptAlert,
    CallNow,
    ChangeAlertLevel,
    ClaimAlert,
    CloseAlert,
    HandOverAlert,
    StayWithAlert,
)
from moderation.danger import ChooseCountry, NeedHelp, PutCardAway
from moderation.reporting import CloseReport, RaiseConcern, ReportIt, ReportOutcome, ReportWhy
from rooms.arriving import AcceptGroundRules, ChangePseudonym, ChooseListening
from rooms.holds import Freeze, Resume
from rooms.kernel import Command
from rooms.meetings import ChangeGroundRules, CloseMeeting, OpenMeeting, SetTopic
from rooms.modes import SetMode
from rooms.presence import Leave
from rooms.quiet import ReadQuietly
from rooms.room import Mode
from rooms.safety import Outcome
from rooms.speaking import Retract, Speak
from rooms.threads import (
    AnswerPrivately,
    AskForWord,
    EndThread,
    OpenThread,
    SayPrivately,
    StopAsking,
)
from rooms.turns import CallNext, LowerHand, RaiseHand, Yield
from server.live.protocol import Malformed
from web.forms import Form

SHEETS: Final = ("hide", "mute", "unmute", "remove", "readmit")
"""Acts on a person: asked on a sheet, with a reason that the person will read."""
TELLING: Final = ("report", "worry")
"""What somebody tells the facilitators of another: asked on a sheet too."""

MOST_DIGITS: Final = 16
"""Digits in the largest number of the protocol, 2**53."""


def _number(text: str) -> int:
    """A number of the protocol. Raises Malformed for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Malformed()
    return int(text)


_Word = TypeVar("_Word", bound=StrEnum)


def _one_of(words: type[_Word], text: str) -> _Word:
    """One of a few words of the protocol. Raises Malformed."""
    try:
        return words(text)
    except ValueError:
        raise Malformed() from None


def _country(text: str) -> str:
    """The letters of a country. Raises Malformed."""
    if not re.fullmatch("[A-Z]{2}", text):
        raise Malformed()
    return text


def _level(text: str) -> int:
    """A level. Raises Malformed."""
    if text not in ("1", "2", "3"):
        raise Malformed()
    return int(text)


def _lines(text: str) -> list[str]:
    """The ground rules of a text box: one a line, empty lines left out."""
    return [line for line in text.splitlines() if line.strip()]


VERBS: Final[Mapping[str, Callable[[Form], Command]]] = {
    "say": lambda form: Speak(text=form["text"]),
    "retract": lambda form: Retract(message=_number(form["message"])),
    "hand-up": lambda form: RaiseHand(),
    "hand-down": lambda form: LowerHand(),
    "done": lambda form: Yield(),
    "listening": lambda form: ChooseListening(listening=form["listening"] == "yes"),
    "accept-rules": lambda form: AcceptGroundRules(version=_number(form["version"])),
    "pseudonym": lambda form: ChangePseudonym(pseudonym=form["pseudonym"]),
    "leave": lambda form: Leave(),
    "open": lambda form: OpenMeeting(mode=_one_of(Mode, form["mode"]), topic=form["topic"]),
    "close": lambda form: CloseMeeting(hand_over=form.has("hand_over")),
    "mode": lambda form: SetMode(mode=_one_of(Mode, form["mode"])),
    "topic": lambda form: SetTopic(topic=form["topic"]),
    "rules": lambda form: ChangeGroundRules(lines=_lines(form["lines"])),
    "call": lambda form: CallNext(member=_number(form["member"]) if form["member"] else None),
    "freeze": lambda form: Freeze(),
    "resume": lambda form: Resume(),
    "hide": lambda form: HideMessage(message=_number(form["message"]), reason=form["reason"]),
    "mute": lambda form: MuteMember(
        member=_number(form["member"]), minutes=_number(form["minutes"]), reason=form["reason"]
    ),
    "unmute": lambda form: UnmuteMember(member=_number(form["member"]), reason=form["reason"]),
    "remove": lambda form: RemoveMember(member=_number(form["member"]), reason=form["reason"]),
    "readmit": lambda form: ReadmitMember(member=_number(form["member"]), reason=form["reason"]),
    "need-help": lambda form: NeedHelp(),
    "card-away": lambda form: PutCardAway(),
    "country": lambda form: ChooseCountry(country=_country(form["country"])),
    "ask-word": lambda form: AskForWord(),
    "stop-asking": lambda form: StopAsking(),
    "open-thread": lambda form: OpenThread(member=_number(form["member"])),
    "say-privately": lambda form: SayPrivately(other=_number(form["other"]), text=form["text"]),
    "answer-privately": lambda form: AnswerPrivately(
        other=_number(form["other"]), text=form["text"]
    ),
    "end-thread": lambda form: EndThread(other=_number(form["other"])),
    "claim": lambda form: ClaimAlert(member=_number(form["member"])),
    "stay": lambda form: StayWithAlert(member=_number(form["member"])),
    "call-now": lambda form: CallNow(member=_number(form["member"])),
    "hand-over": lambda form: HandOverAlert(
        member=_number(form["member"]), to=_number(form["to"]), summary=form["summary"]
    ),
    "accept-alert": lambda form: AcceptAlert(member=_number(form["member"])),
    "level": lambda form: ChangeAlertLevel(
        member=_number(form["member"]), level=_level(form["level"])
    ),
    "close-alert": lambda form: CloseAlert(
        member=_number(form["member"]),
        outcome=_one_of(Outcome, form["outcome"]),
        note=form["note"],
        remind=form.has("remind"),
    ),
    "report": lambda form: ReportIt(
        why=_one_of(ReportWhy, form["why"]),
        member=_number(form["member"] or "0"),
        message=_number(form["message"] or "0"),
        text=form["text"],
    ),
    "worry": lambda form: RaiseConcern(
        member=_number(form["member"] or "0"), message=_number(form["message"] or "0")
    ),
    "close-report": lambda form: CloseReport(
        case=_number(form["case"]), outcome=_one_of(ReportOutcome, form["outcome"])
    ),
    "quiet": lambda form: ReadQuietly(),
}
"""One command for each form of the live room (`web/static/js/commands.js` makes the same ones)."""


def command(verb: str, form: Form) -> Command | None:
    """The command a form asks for; None for an address without one. Raises Malformed."""
    make = VERBS.get(verb)
    return None if make is None else make(form)
