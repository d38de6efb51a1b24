"""The wire, declared once: what a client may send and what it hears, as msgspec types.

A WebSocket text message from the server holds one or more frames, one a line; a message from a
client holds exactly one. `docs/PROTOCOL.md` is generated from the classes of this file, and of the
commands and events they carry.
"""

import json
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final

import msgspec

from moderation import actions, alerts, danger, reporting
from rooms import (
    alert_clock,
    arriving,
    beside,
    clock,
    holds,
    meetings,
    modes,
    on_call,
    presence,
    quiet,
    speaking,
    threads,
    turns,
)
from rooms.kernel import Command, Event
from rooms.refusals import Refused
from rooms.room import MemberId, Role, StreamName
from rooms.safety import Level

VERSION: Final = 1
"""The protocol's version. A client of another one is asked to reload; its draft is kept."""
FRAME_LIMIT: Final = 16_384
"""Bytes in one message from a client: the largest legal command and room to spare."""
FIRST_FRAME_SECONDS: Final = 5.0
"""How long a new Connection may be silent before its `hello`."""
HEARTBEAT_SECONDS: Final = 15.0
"""How often a Connection hears where its streams are."""

COMMANDS: Final = (
    arriving.Join,
    arriving.AcceptGroundRules,
    arriving.ChangePseudonym,
    arriving.ChooseListening,
    presence.Leave,
    meetings.OpenMeeting,
    meetings.CloseMeeting,
    meetings.SetTopic,
    meetings.ChangeGroundRules,
    holds.Freeze,
    holds.Resume,
    modes.SetMode,
    speaking.Speak,
    speaking.Retract,
    turns.RaiseHand,
    turns.LowerHand,
    turns.CallNext,
    turns.Yield,
    actions.HideMessage,
    actions.MuteMember,
    actions.UnmuteMember,
    actions.RemoveMember,
    actions.ReadmitMember,
    danger.NeedHelp,
    danger.PutCardAway,
    danger.ChooseCountry,
    threads.AskForWord,
    threads.StopAsking,
    threads.OpenThread,
    threads.SayPrivately,
    threads.AnswerPrivately,
    threads.EndThread,
    alerts.ClaimAlert,
    alerts.StayWithAlert,
    alerts.HandOverAlert,
    alerts.CallNow,
    alerts.AcceptAlert,
    alerts.ChangeAlertLevel,
    alerts.CloseAlert,
    reporting.ReportIt,
    reporting.RaiseConcern,
    reporting.CloseReport,
    quiet.ReadQuietly,
    on_call.ComeOnCall,
)
"""Every command a client may send: the table of contents of what a person can do in a room."""

INTERNALS: Final = (
    meetings.FoundRoom,
    presence.Lost,
    presence.Returned,
    presence.HostResumed,
    presence.RoleTaken,
    clock.Tick,
    danger.NoteDanger,
    danger.DangerSaid,
    danger.ComeForHelp,
    on_call.HearElsewhere,
)
"""Commands of the machinery. None of them is in the wire union."""

EVENTS: Final = (
    arriving.MemberKnown,
    arriving.MembersForgotten,
    arriving.MemberNoted,
    arriving.Welcomed,
    arriving.Arrived,
    arriving.GroundRulesAccepted,
    arriving.Renamed,
    arriving.ListeningChosen,
    presence.YouLeft,
    presence.Left,
    presence.PersonLost,
    presence.PersonReturned,
    presence.PresenceReset,
    meetings.MeetingOpened,
    meetings.MeetingClosed,
    meetings.ReportersForgotten,
    meetings.ListsCleared,
    meetings.MeetingEndedForYou,
    meetings.TopicSet,
    meetings.GroundRulesChanged,
    holds.HoldPlaced,
    holds.HoldLifted,
    modes.ModeSet,
    speaking.Said,
    speaking.Withheld,
    speaking.Retracted,
    turns.HandRaised,
    turns.HandLowered,
    turns.FloorGiven,
    turns.FloorFreed,
    actions.MessageHidden,
    actions.HideNoted,
    actions.YourMessageHidden,
    actions.MemberMuted,
    actions.YouWereMuted,
    actions.MemberUnmuted,
    actions.YouWereUnmuted,
    actions.MemberRemoved,
    actions.YouWereRemovedBecause,
    actions.MemberReadmitted,
    actions.YouWereReadmitted,
    clock.MuteEnded,
    clock.YourMuteEnded,
    danger.CardOffered,
    danger.CardPutAway,
    danger.AlertAnswered,
    danger.CountryChosen,
    danger.AlertCountry,
    alerts.AlertRaised,
    alerts.AlertWordsSaid,
    alerts.AlertClaimed,
    alerts.AlertLevelChanged,
    alerts.AlertClosed,
    alert_clock.AlertWidened,
    alert_clock.AlertNudged,
    alert_clock.AlertReopened,
    alert_clock.AlertOffered,
    alert_clock.AlertLeftToDesk,
    threads.WordAsked,
    threads.YouAsked,
    threads.WordNoLongerAsked,
    threads.YouStoppedAsking,
    threads.ThreadKeyKept,
    threads.ThreadKeyForgotten,
    threads.ThreadNoted,
    threads.ThreadOpened,
    threads.PrivatelySaid,
    threads.AlertTended,
    threads.ThreadGone,
    threads.ThreadEnded,
    reporting.ReporterKept,
    reporting.ReporterForgotten,
    reporting.ReportMade,
    reporting.ReportReceived,
    reporting.ConcernReceived,
    reporting.ReportClosed,
    reporting.ReportAnswered,
    quiet.QuietStarted,
    beside.OnCallCame,
    beside.OnCallSeen,
    beside.OnCallLeft,
    on_call.NeededElsewhere,
)
"""Every event a room can hold. Stored types are never changed, only added."""

# `$` alone also matches before a last line break; written so that Python and ECMAScript agree.
RoomId = Annotated[str, msgspec.Meta(pattern="^[a-hjkmnp-z2-9]{6}(?!\\n)$")]
"""A room's neutral slug."""
Key = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{8,64}(?!\\n)$")]
"""What makes a retry safe: drawn by the client, once for each thing it wants done."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class ClientFrame(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="frame", forbid_unknown_fields=True
):
    """A frame a client sends."""


class Hello(ClientFrame, frozen=True, kw_only=True, tag="hello"):
    """The first frame of every Connection."""

    version: int


class Enter(ClientFrame, frozen=True, kw_only=True, tag="enter", rename={"as_": "as"}):
    """Attach this Connection to a Member's place in a room.

    With `epoch` and `after` the client says how far it has heard; it gets what it missed, or a
    fresh snapshot where its numbers are not of this room any more.
    """

    room: RoomId
    as_: Role = Role.MEMBER
    epoch: str | None = None
    after: dict[str, Number] | None = None


class Do(ClientFrame, frozen=True, kw_only=True, tag="do"):
    """Ask for something. `id` is the client's own count and comes back as `re`."""

    id: Number
    key: Key
    room: RoomId
    command: msgspec.Raw


class LeaveFrame(ClientFrame, frozen=True, kw_only=True, tag="leave"):
    """Detach this Connection from a room. The Member's place is kept like that of a lost one."""

    room: RoomId


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome", tag_field="frame"):
    """The answer to `hello`: the server's version, clock and heartbeat (seconds)."""

    version: int
    now: float
    heartbeat: float


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="frame"):
    """This Member's View now. Frames that follow at or below `numbers` are only for reading."""

    room: str
    epoch: str
    me: MemberId
    now: float
    view: dict[StreamName, Any]
    numbers: dict[StreamName, int]


class Happened(msgspec.Struct, frozen=True, kw_only=True, tag="happened", tag_field="frame"):
    """An event of a stream this Connection hears. `at` is in seconds since the epoch."""

    room: str
    stream: StreamName
    seq: int
    at: float
    event: msgspec.Raw


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done", tag_field="frame"):
    """The command is durable. `numbers` are those of its own events in streams its sender hears."""

    re: int
    numbers: dict[StreamName, int]


class RefusedFrame(msgspec.Struct, frozen=True, kw_only=True, tag="refused", tag_field="frame"):
    """The command was not done, and nothing is lost. `text` is for people, `code` for programs.

    `help` is the level of danger its text spoke of: the page shows the card, whatever was refused.
    """

    re: int | None
    code: str
    text: str
    retry: bool
    facts: dict[str, int | str] = {}
    help: Level = 0


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag="heartbeat", tag_field="frame"):
    """Where the streams of this Connection are. Also sent once when a catch-up is complete."""

    room: str
    epoch: str
    now: float
    numbers: dict[StreamName, int]


class Alarm(msgspec.Struct, frozen=True, kw_only=True, tag="alarm", tag_field="frame"):
    """Somebody may be in danger, and it could not be stored yet. For staff who are connected; the
    alert itself follows as soon as it can be kept."""

    room: str
    member: MemberId
    pseudonym: str
    level: Level
    says: list[str]


class Closing(msgspec.Struct, frozen=True, kw_only=True, tag="closing", tag_field="frame"):
    """The server is about to close this Connection; `after_ms` is when to come back, if at all."""

    code: int
    after_ms: int


CLOSE_CODES: Final = {
    4000: "The server restarts. Come back after the time it said.",
    4001: "The room was loaded again. Come back at once.",
    4008: "You read too slowly. Come back; you will hear what you missed.",
    4009: "Too many commands at once. Come back after a moment.",
    4013: "The server is full. Come back after a moment.",
    4500: "The message was not one this server understands.",
    4501: "Please reload the page: it speaks another version.",
    4502: "Nothing was said within five seconds.",
    4503: "Your sign-in has ended.",
    4504: "You are not known here. Join first.",
    4505: "You left quickly on another page.",
}
"""Close codes: 4000 to 4499 mean come back, 4500 to 4999 mean do not."""


class Malformed(Refused):
    """The message is not one this server understands."""

    code = "malformed"
    text = "Something about that message was not understood. What you wrote is still with you."


class Conflict(Refused):
    """The same key came with another command."""

    code = "conflict"
    text = "This was sent before with other words. Please send it again."


class Unavailable(Refused):
    """It could not be stored now. Nothing happened, and trying again is safe."""

    code = "unavailable"
    text = "Not sent yet. We are trying again."
    retry = True


class CannotStore(Refused):
    """It could not be stored although others could. Trying again will not help."""

    code = "cannot_store"
    text = "This could not be kept. What you wrote is still with you."


class SomethingBroke(Refused):
    """A bug of ours. The room is loaded again."""

    code = "something_broke"
    text = "Something here stopped working. What you wrote is still with you."
    retry = True


class NoSuchRoom(Refused):
    """No room has this slug."""

    code = "no_such_room"
    text = "There is no room at this address."


_frames: msgspec.json.Decoder[Hello | Enter | Do | LeaveFrame] = msgspec.json.Decoder(
    Hello | Enter | Do | LeaveFrame
)
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(reduce(or_, COMMANDS))
_stored: msgspec.json.Decoder[tuple[float, Event]] = msgspec.json.Decoder(
    tuple[float, reduce(or_, EVENTS)]  # type: ignore[misc]  # a union spelled by its table
)
_stored_raw = msgspec.json.Decoder(tuple[float, msgspec.Raw])
_encoder = msgspec.json.Encoder()


def decode(message: str | bytes) -> Hello | Enter | Do | LeaveFrame:
    """One message of a client. Raises Malformed for anything this server does not understand."""
    try:
        raw = message if isinstance(message, bytes) else message.encode()
        if len(raw) > FRAME_LIMIT:
            raise Malformed()
        frame = _frames.decode(raw)
        if not _plainly_once(frame, raw):
            json.loads(raw, object_pairs_hook=_without_duplicates)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Malformed() from None
    return frame


def decode_command(raw: bytes | msgspec.Raw) -> Command:
    """The command inside a `do`. Raises Malformed: unknown types and fields are refused whole."""
    try:
        return _commands.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Malformed() from None


def _plainly_once(frame: Hello | Enter | Do | LeaveFrame, raw: bytes) -> bool:
    """Whether encoding the frame again gives the very same bytes: then no field came twice, and
    nobody has to look for it. Most clients write like that; for others the slower look decides."""
    if _encoder.encode(frame) != raw:
        return False
    if not isinstance(frame, Do):
        return True
    try:
        return _encoder.encode(_commands.decode(frame.command)) == bytes(frame.command)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False  # the answer to this command carries its id, so it is given later


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that names a field twice.

    Parsers disagree about which of the two counts, so a proxy and this server could read two
    different commands in one message. There is no honest client that sends such a thing.
    """
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError


def encode(frame: msgspec.Struct) -> bytes:
    """One frame for the wire."""
    return _encoder.encode(frame)


def stored(event: Event, now: float) -> tuple[bytes, bytes]:
    """An event encoded once: what is sealed in the log, and the event alone for its frame."""
    body = _encoder.encode(event)
    return b"[%b,%b]" % (_encoder.encode(now), body), body


def recall(plain: bytes) -> tuple[float, Event]:
    """Time and event of a stored body."""
    return _stored.decode(plain)


def recall_raw(plain: bytes) -> tuple[float, bytes]:
    """Time and encoded event of a stored body, without looking inside."""
    now, raw = _stored_raw.decode(plain)
    return now, bytes(raw)


def happened(room: str, stream: StreamName, seq: int, at: float, body: bytes) -> bytes:
    """The frame of an event that is encoded already. Equal to encoding a `Happened`."""
    return b'{"frame":"happened","room":"%b","stream":"%b","seq":%d,"at":%b,"event":%b}' % (
        room.encode(),
        stream.encode(),
        seq,
        _encoder.encode(at),
        body,
    )


def refused(re: int | None, why: Refused) -> bytes:
    """The frame that tells somebody why something was not done."""
    return _encoder.encode(
        RefusedFrame(
            re=re, code=why.code, text=why.text, retry=why.retry, facts=why.facts, help=why.help
        )
    )
