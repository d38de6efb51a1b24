"""What the state of a room means for one person now, in signs such as `dock:turn`.

Everything the live page can say is in its markup; the signs decide what of it is shown. So all
words stand in the templates, and the same markup is right for a page without script and for one
whose script changes the signs. `web/static/js/scene.js` is the same rule, and a test holds the two
together.
"""

from dataclasses import dataclass

from rooms.room import Hold, MemberId, Mode, Person, Private, Public, Role, Staff
from web import live_care
from web.live_signs import Signs


@dataclass(frozen=True)
class Scene:
    """One person's moment: the signs, the names in the sentences, and whom a facilitator calls."""

    signs: Signs
    names: dict[str, str]
    call: MemberId | None
    moment: str


def scene(room: Public, mine: Private, staff: Staff | None, me: MemberId, now: float) -> Scene:
    """The moment of one person. `staff` is None for everybody who is not a facilitator here."""
    leads = staff is not None
    call = None if staff is None else _callable(room, staff, now)
    dock = _dock(room, mine, me, leads, now)
    on = {
        f"role:{'facilitator' if leads else 'member'}",
        f"meeting:{'open' if room.meeting else 'none'}",
        f"mode:{room.mode}",
        f"hold:{room.hold}",
        f"floor:{'none' if room.floor is None else 'me' if room.floor == me else 'other'}",
        f"dock:{dock}",
        f"box:{_box(dock)}",
        f"who:{_who(room, me)}",
        f"queue:{_place(room, me)}",
        f"hand:{_hand(room, mine, me, leads)}",
        f"topic:{'some' if room.topic else 'none'}",
        *live_care.signs(room, mine, staff, me),
    }
    if leads:
        on.add(f"act:{_act(room, me, call)}")
    return Scene(Signs(frozenset(on)), _names(room, me, call), call, moment=dock)


def _dock(room: Public, mine: Private, me: MemberId, leads: bool, now: float) -> str:
    if mine.removed is not None:
        return "removed"
    if mine.left:
        return "over"
    if room.meeting is None:
        return "idle" if leads else "over"
    if mine.muted is not None and mine.muted.until > now:
        return "muted"
    if mine.listening:
        return "listening"
    finishing = room.floor == me and mine.rules_accepted
    if mine.rules_accepted < room.rules.version and not finishing:
        return "rules"
    if leads:
        return "hold"
    if room.hold is not Hold.NONE:
        return room.hold
    if room.mode is Mode.CLOSED:
        return "closed"
    if room.floor == me:
        return "turn"
    return "waiting" if room.mode is Mode.TURNS else room.mode


def _box(dock: str) -> str:
    if dock in {"turn", "respond", "open", "hold"}:
        return "send"
    return "keep" if dock in {"waiting", "closed", "calm", "frozen", "muted", "rules"} else "none"


def _who(room: Public, me: MemberId) -> str:
    if room.meeting is None:
        return "none"
    if room.hold is not Hold.NONE:
        return room.hold
    if room.floor is not None:
        return "me" if room.floor == me else "other"
    if room.mode is Mode.TURNS:
        return "free"
    return "held" if _holder(room) else "unheld"


def _place(room: Public, me: MemberId) -> str:
    if not room.hands:
        return "none"
    if me not in room.hands:
        return "others"
    return "next" if room.hands[0] == me else "after"


def _hand(room: Public, mine: Private, me: MemberId, leads: bool) -> str:
    if me in room.hands:
        return "up"
    may = room.meeting and not leads and room.mode is not Mode.OPEN and room.floor != me
    return "down" if may and not mine.listening and mine.removed is None else "none"


def _act(room: Public, me: MemberId, call: MemberId | None) -> str:
    if room.meeting is None:
        return "open"
    if room.hold is not Hold.NONE:
        return "resume"
    if room.floor == me:
        return "done"
    if room.mode is Mode.CLOSED:
        return "turns"
    return "call" if call is not None and room.mode is not Mode.OPEN else "none"


def _callable(room: Public, staff: Staff, now: float) -> MemberId | None:
    """The hand that is called next: somebody who is here and can speak."""
    for member in room.hands:
        person = room.people.get(member)
        mute = staff.muted.get(member)
        if (
            person is not None
            and person.here
            and member != room.floor
            and (mute is None or mute.until <= now)
            and member not in staff.listening
            and member not in staff.removed
        ):
            return member
    return None


def _holder(room: Public) -> Person | None:
    held = (p for p in room.people.values() if p.role is Role.FACILITATOR and p.here)
    return next(held, None)


def _names(room: Public, me: MemberId, call: MemberId | None) -> dict[str, str]:
    def name(member: MemberId | None) -> str:
        person = None if member is None else room.people.get(member)
        return person.pseudonym if person else ""

    before = room.hands.index(me) - 1 if me in room.hands else -1
    holder = _holder(room)
    return {
        "me": name(me),
        "floor": name(room.floor),
        "first": name(room.hands[0]) if room.hands else "",
        "after": name(room.hands[before]) if before >= 0 else "",
        "call": name(call),
        "holder": holder.pseudonym if holder else "",
        "topic": room.topic,
    }
