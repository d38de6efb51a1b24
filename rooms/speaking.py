"""Saying something to the room, and taking it back."""

from collections.abc import Iterator
from typing import ClassVar, cast

from rooms import texts
from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.refusals import Refused
from rooms.room import (
    ROOM,
    Hold,
    MemberId,
    MessageFate,
    MessageState,
    Mode,
    Part,
    Public,
    Role,
    Room,
    Standing,
)

RESPONSE_LIMIT = 280
"""Graphemes in a short answer while somebody else's share stands (mode `respond`)."""


class RulesNotAccepted(Refused):
    """The person has not accepted the ground rules in the version that holds now (`version`)."""

    code = "rules_not_accepted"
    text = "The ground rules have changed. Please read them before you speak again."


class RoomIsResting(Refused):
    """A Hold lies on the room."""

    code = "room_resting"
    text = "The room is resting. Nothing is lost."
    retry = True


class NotYourTurn(Refused):
    """Somebody else has the floor, or nobody yet."""

    code = "not_your_turn"
    text = "It is not your turn yet. Raise your hand and your turn will come."
    retry = True


class FacilitatorIsSpeaking(Refused):
    """The mode is closed: the facilitator speaks."""

    code = "facilitator_speaking"
    text = "The facilitator is speaking now."
    retry = True


class ResponseTooLong(Refused):
    """A response is longer than `limit` graphemes."""

    code = "response_too_long"
    text = "Short answers only, while this share stands. Nothing of yours is lost."


class NoSuchMessage(Refused):
    """No message of this meeting has this number, or it is not there any more."""

    code = "no_such_message"
    text = "That message is not there any more."


class NotYourMessage(Refused):
    """Only its author takes a message back."""

    code = "not_your_message"
    text = "Only the person who wrote it can take it back."


class Speak(Command, frozen=True, kw_only=True):
    """Say something to the room. Never cut: what is too long is refused whole, and kept."""

    standings: ClassVar[frozenset[Standing]] = frozenset({Standing.SPEAKING})

    text: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        text = texts.message(self.text)
        may_speak(room, at.by, text)
        yield Said(member=at.by, pseudonym=room.public.people[at.by].pseudonym, text=text)


def may_speak(room: Room, member: MemberId, text: str) -> None:
    """Raise the Refused that says why somebody with a voice may not use it now.

    Facilitators speak in every mode and hold: they hold the room. The floor's holder finishes the
    turn under the rules they accepted; somebody who never accepted any has none to speak under.
    """
    public = room.public
    has_floor = public.floor == member
    accepted = room.private(member).rules_accepted
    if accepted < public.rules.version and not (has_floor and accepted):
        raise RulesNotAccepted(version=public.rules.version)
    if room.role(member) is Role.FACILITATOR:
        return
    if public.hold is not Hold.NONE:
        raise RoomIsResting()
    if public.mode is Mode.CLOSED:
        raise FacilitatorIsSpeaking()
    if public.mode is Mode.TURNS and not has_floor:
        raise NotYourTurn()
    if public.mode is Mode.RESPOND and not has_floor and texts.length(text) > RESPONSE_LIMIT:
        raise ResponseTooLong(limit=RESPONSE_LIMIT)


class Said(Event, frozen=True, kw_only=True):
    """Somebody said something. Its id is its `room` number; the text lives in the log alone."""

    stream = ROOM
    member: MemberId
    pseudonym: str
    text: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).messages[stamp.seq] = MessageState(author=self.member)


class Withheld(Event, frozen=True, kw_only=True):
    """What catch-up shows in place of words that were taken back or hidden. Never stored."""

    stream = ROOM
    member: MemberId
    pseudonym: str
    fate: MessageFate

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).messages[stamp.seq] = MessageState(author=self.member, fate=self.fate)


class Retract(Command, frozen=True, kw_only=True):
    """Take your own message back. Everybody sees that it is gone; nobody can read it again."""

    message: int

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        state = standing_message(room, self.message)
        if state.author != at.by:
            raise NotYourMessage()
        yield Retracted(message=self.message)


def standing_message(room: Room, message: int) -> MessageState:
    """A message that can still be read. Raises NoSuchMessage for any other number."""
    state = room.public.messages.get(message)
    if state is None or state.fate is not MessageFate.SAID:
        raise NoSuchMessage()
    return state


class Retracted(Event, frozen=True, kw_only=True):
    """A message was taken back by its author."""

    stream = ROOM
    message: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).messages[self.message].fate = MessageFate.RETRACTED
