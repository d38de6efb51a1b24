"""What a form of the live room asks for: the last word of its address, and its fields."""

from collections.abc import Callable, Mapping
from typing import Final

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember, UnmuteMember
from rooms.arriving import AcceptGroundRules, ChangePseudonym, ChooseListening
from rooms.holds import Freeze, Resume
from rooms.kernel import Command
from rooms.meetings import ChangeGroundRules, CloseMeeting, OpenMeeting, SetTopic
from rooms.modes import SetMode
from rooms.presence import Leave
from rooms.room import Mode
from rooms.speaking import Retract, Speak
from rooms.turns import CallNext, LowerHand, RaiseHand, Yield
from server.live.protocol import Malformed
from web.forms import Form

SHEETS: Final = ("hide", "mute", "unmute", "remove", "readmit")
"""Acts on a person: asked on a sheet, with a reason that the person will read."""

MOST_DIGITS: Final = 16
"""Digits in the largest number of the protocol, 2**53."""


def _number(text: str) -> int:
    """A number of the protocol. Raises Malformed for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Malformed()
    return int(text)


def _mode(form: Form) -> Mode:
    try:
        return Mode(form["mode"])
    except ValueError:
        raise Malformed() from None


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
    "open": lambda form: OpenMeeting(mode=_mode(form), topic=form["topic"]),
    "close": lambda form: CloseMeeting(),
    "mode": lambda form: SetMode(mode=_mode(form)),
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
}
"""One command for each form of the live room (`web/static/js/commands.js` makes the same ones)."""


def command(verb: str, form: Form) -> Command | None:
    """The command a form asks for; None for an address without one. Raises Malformed."""
    make = VERBS.get(verb)
    return None if make is None else make(form)
