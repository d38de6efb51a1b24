"""The rows of the live page's lists; `web/static/js/rows.js` makes the same ones."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rooms.room import MemberId, MessageFate, Person, Public, Role, Staff
from server.live.catchup import Utterance
from web.live_signs import Signs


@dataclass(frozen=True)
class Row:
    """One row: its key in the list, what of its markup is shown, and what is filled in."""

    key: str
    classes: str
    signs: Signs
    fill: dict[str, str]

    def when(self, *signs: str) -> str:
        """The attributes of an element that is shown while any of these signs holds."""
        return self.signs.when(*signs)

    def __getitem__(self, name: str) -> str:
        """What is filled in under this name; empty in the template a script copies."""
        return self.fill.get(name, "")


def row(key: object = "", classes: str = "", signs: set[str] | None = None, **fill: object) -> Row:
    """A row; without anything, the one that stands in a `<template>`."""
    texts = {name: str(value) for name, value in fill.items()}
    return Row(str(key), classes, Signs(frozenset(signs or ()), "data-if"), texts)


def clock(at: float) -> str:
    """A time of day for pages without script; with script it becomes the reader's own."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def messages(said: list[Utterance], room: Public, me: MemberId, leads: bool) -> list[Row]:
    """The messages of a window, oldest first."""
    return [_message(u, room, me, leads) for u in said]


def _message(said: Utterance, room: Public, me: MemberId, leads: bool) -> Row:
    lit = room.floor == said.member and said.at >= room.floor_since
    mine = said.member == me
    author = room.people.get(said.member)
    readable = said.fate is MessageFate.SAID
    signs = {f"fate:{said.fate}", "by:me" if mine else "by:other"}
    if lit:
        signs.add("lit")
    if readable and mine:
        signs.add("may:retract")
    if readable and leads and not mine and (author is None or author.role is Role.MEMBER):
        signs.add("may:act")
    if readable and not leads and not mine:
        signs.add("may:tell")
    classes = ["msg", mine and "msg--mine", lit and "msg--lit", not readable and "msg--gone"]
    return row(
        said.number,
        " ".join(name for name in classes if name),
        signs,
        name=said.pseudonym,
        number=said.number,
        member=said.member,
        text=said.text or "",
        at=said.at,
        clock=clock(said.at),
    )


def people(room: Public, staff: Staff | None, me: MemberId) -> list[Row]:
    """Everybody at the table: facilitators first, then in the order they came."""
    ordered = sorted(room.people.items(), key=lambda item: item[1].role is Role.MEMBER)
    return [_person(member, person, room, staff, me) for member, person in ordered]


def hands(room: Public, staff: Staff | None, me: MemberId) -> list[Row]:
    """The hands, in the order in which they are called."""
    return [
        _person(member, room.people[member], room, staff, me)
        for member in room.hands
        if member in room.people
    ]


def _person(
    member: MemberId, person: Person, room: Public, staff: Staff | None, me: MemberId
) -> Row:
    leads = person.role is Role.FACILITATOR
    signs = {
        name
        for name, holds in {
            "lit": room.floor == member,
            "you": member == me,
            "leads": leads,
            "lost": not person.here,
            "hand": member in room.hands,
            "may:act": staff is not None and not leads and member != me,
            "may:tell": staff is None and member != me,
            "muted": staff is not None and member in staff.muted,
            "listening": staff is not None and member in staff.listening,
            "first": staff is not None and member in staff.first_meeting,
        }.items()
        if holds
    }
    signs.add("seat:lit" if "lit" in signs else "seat:you" if "you" in signs else "seat")
    classes = "is-lit" if "lit" in signs else "is-you" if "you" in signs else ""
    return row(member, classes, signs, name=person.pseudonym, member=member)


def seats(room: Public, me: MemberId) -> list[Row]:
    """The row of seats in the strip: the lit one, then the hands in order."""
    lit = [row(room.floor, "seat seat--lit")] if room.floor is not None else []
    queue = [row(m, "seat seat--you" if m == me else "seat") for m in room.hands]
    return lit + queue


def muted(staff: Staff, names: dict[MemberId, str]) -> list[Row]:
    """The people who are muted, with reason and end."""
    return [
        _sanctioned(m, names, mute.reason, at=mute.until, clock=clock(mute.until))
        for m, mute in staff.muted.items()
    ]


def removed(staff: Staff, names: dict[MemberId, str]) -> list[Row]:
    """The people who were asked to leave this meeting, with the reason."""
    return [_sanctioned(m, names, reason) for m, reason in staff.removed.items()]


def _sanctioned(member: MemberId, names: dict[MemberId, str], reason: str, **more: object) -> Row:
    """Somebody who may have left the table, so that only what was said tells their name."""
    name = names.get(member, "")
    signs = {"named" if name else "nameless"}
    return row(member, "", signs, name=name, member=member, reason=reason, **more)
