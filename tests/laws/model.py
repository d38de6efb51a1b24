"""A support meeting told a second time: plain dicts and lists, sharing no code with the rules.

What the real room does is compared with this, step by step. It is written to be read against the
ground rules of the house, not to be fast, and it knows people by their first names.
"""

from dataclasses import dataclass, field
from math import inf


class No(Exception):
    """The model says no; nothing has changed."""


def yes_or_no(allowed: object) -> None:
    """Say no unless allowed."""
    if not allowed:
        raise No


@dataclass
class Known:
    """Somebody the room knows, at the table or not."""

    leads: bool
    meeting: int
    remember: bool
    accepted: int
    went: bool = False


@dataclass
class Seat:
    """A place at the table."""

    here: bool
    since: float


@dataclass
class Model:
    """The whole room."""

    now: float
    rules: int = 1
    number: int = 0
    opened: float | None = None
    mode: str = "closed"
    hold: str = "none"
    hold_since: float = 0.0
    floor: str | None = None
    hands: list[str] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    muted: dict[str, float] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    listening: set[str] = field(default_factory=set)
    messages: list[list[str]] = field(default_factory=list)

    # Who is who.

    def voice(self, who: str) -> bool:
        """Neither removed nor muted nor listening."""
        return not (who in self.removed or who in self.muted or who in self.listening)

    def sits_in_meeting(self, who: str) -> bool:
        """At the table of an open meeting."""
        return self.opened is not None and who in self.seats

    def leader(self, who: str) -> bool:
        """Known as a facilitator, and at the table."""
        return who in self.known and self.known[who].leads and who in self.seats

    def leader_in_meeting(self, who: str) -> bool:
        """A facilitator at the table of an open meeting."""
        return self.opened is not None and self.leader(who)

    def target(self, by: str, who: str) -> object:
        """Somebody a facilitator may act on."""
        known = self.known.get(who)
        return self.leader_in_meeting(by) and known and self.of_meeting(known) and not known.leads

    def of_meeting(self, known: Known) -> bool:
        """Somebody who came to the meeting that is open."""
        return self.opened is not None and known.meeting == self.number

    def behind(self) -> list[str]:
        """Those who have not accepted the rules that hold now."""
        return [who for who, known in self.known.items() if known.accepted < self.rules]

    def unseat(self, who: str) -> None:
        """Somebody's place is free."""
        self.seats.pop(who, None)
        self.hands = [hand for hand in self.hands if hand != who]
        self.floor = None if self.floor == who else self.floor

    # Coming and going.

    def join(self, who: str, leads: bool, accept: bool, listening: bool, remember: bool) -> None:
        yes_or_no(leads or self.opened is not None)
        yes_or_no(who not in self.removed)
        if who in self.seats and self.seats[who].here:
            return
        yes_or_no(leads or self.hold != "frozen")
        accepted = self.rules if accept else 0
        if who in self.known:
            accepted = max(accepted, self.known[who].accepted)
        meeting = self.number if self.opened is not None else 0
        self.known[who] = Known(leads, meeting, remember, accepted)
        self.listening = self.listening - {who} | ({who} if listening else set())
        self.seats[who] = Seat(True, self.now)

    def leave(self, who: str) -> None:
        yes_or_no(who in self.known)
        if who in self.seats:
            self.known[who].went = True
            self.unseat(who)
            if self.opened is not None and not any(self.known[s].leads for s in self.seats):
                self.rest("calm")

    def role_taken(self, who: str) -> None:
        if who not in self.known or not self.known[who].leads:
            return
        self.leave(who)
        self.known[who].leads, self.known[who].went = False, True
        if self.opened is None:
            del self.known[who]
            self.listening.discard(who)

    def lost(self, who: str) -> None:
        if who in self.seats and self.seats[who].here:
            self.seats[who] = Seat(False, self.now)

    def returned(self, who: str) -> None:
        if who not in self.known or who in self.removed or self.known[who].went:
            return
        now_on = self.number if self.opened is not None else 0
        if who in self.seats:
            if not self.seats[who].here:
                self.seats[who] = Seat(True, self.now)
        elif self.known[who].meeting == now_on:
            self.seats[who] = Seat(True, self.now)

    # The meeting.

    def open(self, by: str, mode: str) -> None:
        yes_or_no(self.leader(by) and self.opened is None)
        self.number += 1
        self.opened, self.mode, self.hold = self.now, mode, "none"
        for who in self.seats:
            self.known[who].meeting = self.number

    def close(self, by: str) -> None:
        yes_or_no(self.leader_in_meeting(by))
        self.end()

    def end(self) -> None:
        """The meeting is over; the room forgets all it need not know."""
        self.opened, self.mode, self.hold, self.floor = None, "closed", "none", None
        self.hands, self.messages, self.removed, self.listening = [], [], set(), set()
        self.seats = {
            who: seat for who, seat in self.seats.items() if self.known[who].leads and seat.here
        }
        self.known = {
            who: known
            for who, known in self.known.items()
            if known.remember or who in self.muted or who in self.seats
        }
        for known in self.known.values():
            known.went = False

    def set_mode(self, by: str, mode: str) -> None:
        yes_or_no(self.leader_in_meeting(by))
        self.mode = mode
        if mode in ("closed", "open"):
            self.floor = None

    def rest(self, hold: str) -> None:
        """The room rests; a room that rests in calm already goes on doing so."""
        if hold != self.hold:
            self.hold, self.hold_since = hold, self.now

    def freeze(self, by: str) -> None:
        yes_or_no(self.leader_in_meeting(by) and self.hold != "frozen")
        self.rest("frozen")

    def resume(self, by: str) -> None:
        yes_or_no(self.leader_in_meeting(by) and self.hold != "none")
        self.hold = "none"

    def change_rules(self, by: str) -> None:
        yes_or_no(self.leader(by))
        self.rules += 1

    # What everybody does.

    def accept(self, who: str) -> None:
        yes_or_no(who in self.seats)
        self.known[who].accepted = self.rules

    def listen(self, who: str, listening: bool) -> None:
        yes_or_no(self.sits_in_meeting(who))
        self.listening = self.listening - {who} | ({who} if listening else set())

    def raise_hand(self, who: str) -> None:
        yes_or_no(self.sits_in_meeting(who) and (self.voice(who) or who in self.muted))
        yes_or_no(who not in self.hands and who != self.floor)
        self.hands.append(who)

    def lower_hand(self, who: str) -> None:
        yes_or_no(who in self.hands)
        self.hands.remove(who)

    def call(self, by: str, who: str | None) -> None:
        yes_or_no(self.leader_in_meeting(by) and self.mode in ("turns", "respond"))
        for one in self.hands if who is None else [who]:
            if one in self.seats and self.seats[one].here and self.voice(one) and one != self.floor:
                self.floor = one
                self.hands = [hand for hand in self.hands if hand != one]
                return
        raise No

    def yield_floor(self, who: str) -> None:
        yes_or_no(who == self.floor)
        self.floor = None

    def may_speak(self, who: str) -> bool:
        """Whether somebody may say a short thing now."""
        if not self.sits_in_meeting(who) or not self.voice(who):
            return False
        accepted = self.known[who].accepted
        if accepted < self.rules and not (self.floor == who and accepted):
            return False
        open_to_all = self.hold == "none" and (
            self.mode in ("respond", "open") or (self.mode == "turns" and self.floor == who)
        )
        return self.known[who].leads or open_to_all

    def speak(self, who: str) -> None:
        yes_or_no(self.may_speak(who))
        self.messages.append([who, "said"])

    def retract(self, who: str, message: int) -> None:
        yes_or_no(self.sits_in_meeting(who) and self.messages[message] == [who, "said"])
        self.messages[message][1] = "retracted"

    # What facilitators do.

    def hide(self, by: str, message: int) -> None:
        author, fate = self.messages[message]
        yes_or_no(self.target(by, author) and fate == "said")
        self.messages[message][1] = "hidden"

    def mute(self, by: str, who: str, minutes: int) -> None:
        yes_or_no(self.target(by, who))
        self.muted[who] = self.now + minutes * 60
        self.floor = None if self.floor == who else self.floor

    def unmute(self, by: str, who: str) -> None:
        yes_or_no(self.target(by, who) and who in self.muted)
        del self.muted[who]

    def remove(self, by: str, who: str) -> None:
        yes_or_no(self.target(by, who) and who not in self.removed)
        self.removed.add(who)
        self.unseat(who)

    def readmit(self, by: str, who: str) -> None:
        yes_or_no(self.target(by, who) and who in self.removed)
        self.removed.discard(who)

    # Time.

    def wait(self, seconds: float) -> None:
        """Time passes: mutes end, people are missed, and a room that nobody holds rests."""
        self.now += seconds
        self.muted = {who: until for who, until in self.muted.items() if until > self.now}
        if self.opened is not None:
            calm_is_over = self.hold == "calm" and self.now >= self.hold_since + 7_200
            if calm_is_over or self.now >= self.opened + 43_200:
                self.end()
                return
            leaders = [seat for who, seat in self.seats.items() if self.known[who].leads]
            missed_since = max((seat.since for seat in leaders), default=-inf)
            if not any(seat.here for seat in leaders) and self.now >= missed_since + 120:
                self.rest("calm")
        for who, seat in list(self.seats.items()):
            away = 0.0 if seat.here else self.now - seat.since
            if away >= 600:
                self.unseat(who)
            elif away >= 60 and self.floor == who:
                self.floor = None
                self.hands.insert(0, who)
        self.forget()

    def forget(self) -> None:
        """Nobody is known for longer than they need be. (No evening lasts 90 days.)"""
        for who, known in list(self.known.items()):
            kept = known.remember or who in self.muted or who in self.seats
            if not kept and not self.of_meeting(known):
                del self.known[who]
                self.listening.discard(who)
