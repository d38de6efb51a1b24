"""What the live page shows of care: the card, private words, and for staff the alerts and reports.

Signs and rows like those of `live_scene` and `live_rows`; `web/static/js/care.js` makes the same
ones, and a test holds the two together.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rooms.alert_clock import ANYBODY_ON_CALL
from rooms.room import STAFF_ROLES, MemberId, Private, Public, Role, Staff
from rooms.safety import (
    ELEVATED,
    EMERGENCY,
    Alert,
    AlertReason,
    Card,
    Category,
    Subject,
)
from server.live.catchup import PrivateWord, Utterance
from web.live_rows import Row, clock, row

AROUND: Final = 60
"""Characters shown on each side of the words that an alert rests on."""


def signs(room: Public, mine: Private, staff: Staff | None, me: MemberId) -> Iterator[str]:
    """What holds for one person now, besides the scene."""
    card = mine.card if mine.card and not mine.card.put_away else None
    yield f"card:{card_kind(card)}"
    yield f"reach:{'yes' if reachable(room, mine, me) else 'no'}"
    yield f"word:{_word_state(mine, card, room, me)}"
    yield f"ask:{_place_of_asking(mine, card, room, me) if staff is None else 'no'}"
    yield f"quiet:{'on' if room.quiet else 'off'}"
    if staff is not None:
        yield f"beside:{'yes' if me in staff.on_call else 'no'}"
        yield f"alerts:{'some' if staff.alerts else 'none'}"
        yield f"both:{'yes' if too_much(room, staff, me) else 'no'}"


def _word_state(mine: Private, card: Card | None, room: Public, me: MemberId) -> str:
    """How far somebody is from a person: an alert calls the facilitators without being asked."""
    if mine.threads:
        return "open"
    if mine.asked:
        return "asked"
    called = card is not None and card.level >= ELEVATED and reachable(room, mine, me)
    return "called" if called else "none"


def _place_of_asking(mine: Private, card: Card | None, room: Public, me: MemberId) -> str:
    """Where the card offers a private word: first, or after the numbers in an emergency."""
    if mine.threads or mine.asked or not reachable(room, mine, me):
        return "no"
    return "last" if card is not None and card.level == EMERGENCY else "first"


def card_kind(card: Card | None) -> str:
    """Which card somebody has open: what it says depends on the danger and on whose it is."""
    if card is None:
        return "none"
    if not card.level:
        return "craving"
    now = card.level == EMERGENCY
    if card.category is Category.OVERDOSE and now:
        return "overdose"
    if card.category is Category.OVERDOSE and card.subject is Subject.SELF:
        return "alone"
    if card.category is Category.WITHDRAWAL_MEDICAL:
        return "withdrawal-now" if now else "withdrawal"
    if card.category is Category.VIOLENCE_ABUSE and card.subject is Subject.OTHER and now:
        return "threat"
    if card.subject is Subject.OTHER:
        return "worried-now" if now else "worried"
    if card.category is Category.VIOLENCE_ABUSE and card.level >= ELEVATED:
        return "hurt-now" if now else "hurt"
    if card.level < ELEVATED:
        return "carry"
    return "urgent" if now else "talk"


def reachable(room: Public, mine: Private, me: MemberId) -> bool:
    """Whether somebody of this place can come: a facilitator is here, or was said to be on call."""
    here = any(p.here and p.role in STAFF_ROLES for m, p in room.people.items() if m != me)
    return here or bool(mine.card and mine.card.person)


def too_much(room: Public, staff: Staff, me: MemberId) -> bool:
    """Two alerts at once, and nobody else here: one person cannot do both."""
    others = [
        member
        for people in (room.people, staff.on_call)
        for member, person in people.items()
        if person.here and person.role in STAFF_ROLES and member != me
    ]
    waiting = [a for a in staff.alerts.values() if a.level >= ELEVATED and a.owner in (0, me)]
    return not others and len(waiting) > 1


def alerts(
    staff: Staff, said: Sequence[Utterance], names: Mapping[MemberId, str], me: MemberId
) -> list[Row]:
    """The open alerts, the gravest first, then the oldest."""
    texts = {u.number: u.text for u in said if u.text is not None}
    ordered = sorted(staff.alerts.items(), key=lambda item: (-item[1].level, item[1].since))
    return [_alert(member, alert, staff, texts, names, me) for member, alert in ordered]


def _alert(
    member: MemberId,
    alert: Alert,
    staff: Staff,
    texts: Mapping[int, str],
    names: Mapping[MemberId, str],
    me: MemberId,
) -> Row:
    owner = "none" if not alert.owner else "me" if alert.owner == me else "other"
    offered = alert.offered == me or (alert.offered == ANYBODY_ON_CALL and owner != "me")
    readable = [r for r in alert.reasons if r.message in texts and r.reason.end]
    # The gravest of the newest message: the reasons of one message come in that order.
    shown = next((r for r in readable if r.message == readable[-1].message), None)
    before, words, after = _excerpt(texts, shown)
    about_me = member == me
    held = {
        "nudged": owner == "me" and alert.nudged > alert.acted,
        "offered": bool(alert.offered) and offered and not about_me,
        "offering": bool(alert.offered) and owner == "me",
        "shown": alert.shown,
        "away": alert.put_away,
        "asked": alert.asked,
        "country": bool(alert.country),
        "words": bool(words),
        "unsaid": not words and any(r.reason.end and not r.message for r in alert.reasons),
        "summary": bool(alert.summary),
        "may:claim": owner == "none" and not about_me,
        "may:thread": owner == "me" and not any(b.member == member for b in staff.threads),
        "may:tend": owner == "me",
        "emergency": alert.level == EMERGENCY,
    }
    on = {f"level:{alert.level}", f"own:{owner}", f"cat:{alert.category or 'none'}"}
    on |= {f"stage:{alert.stage}", f"subject:{alert.subject or 'self'}"}
    return row(
        member,
        f"alert alert--{alert.level}",
        on | {name for name, holds in held.items() if holds},
        name=alert.pseudonym,
        member=member,
        owner=names.get(alert.owner, ""),
        says="; ".join(dict.fromkeys(r.reason.says for r in reversed(alert.reasons))),
        country=alert.country,
        summary=alert.summary,
        before=before,
        words=words,
        after=after,
        at=alert.since,
        clock=clock(alert.since),
    )


def _excerpt(texts: Mapping[int, str], shown: AlertReason | None) -> tuple[str, str, str]:
    """The words a reason rests on, with a little of what stands around them."""
    if shown is None or not shown.reason.end:
        return "", "", ""
    text, start, end = texts[shown.message], shown.reason.start, shown.reason.end
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return ("…" if start > AROUND else "") + before, text[start:end], after


def asked(staff: Staff, names: Mapping[MemberId, str]) -> list[Row]:
    """Who waits for a private word, longest first; whoever has an alert stands there already."""
    return [
        row(member, "person", {"waiting"}, name=names.get(member, ""), member=member, at=at)
        for member, at in sorted(staff.asked.items(), key=lambda item: item[1])
        if member not in staff.alerts
    ]


def between(staff: Staff, names: Mapping[MemberId, str], me: MemberId) -> list[Row]:
    """Private threads of the other facilitators: that they exist, and nothing of what."""
    return [
        row(
            f"{b.member}-{b.staff}",
            "",
            set(),
            name=names.get(b.member, ""),
            staff=names.get(b.staff, ""),
        )
        for b in staff.threads
        if b.staff != me
    ]


def reports(staff: Staff, said: Sequence[Utterance], names: Mapping[MemberId, str]) -> list[Row]:
    """The open reports, the oldest first."""
    texts = {u.number: u.text for u in said}
    return [
        row(
            case,
            "person",
            {f"why:{report.why}"}
            | ({"text"} if report.text else set())
            | ({"message"} if texts.get(report.message) else set()),
            name=names.get(report.about) or report.pseudonym,
            text=report.text,
            message=texts.get(report.message) or "",
            case=case,
            at=report.at,
            clock=clock(report.at),
        )
        for case, report in staff.reports.items()
    ]


class Talk(NamedTuple):
    """A private thread: its row, and the rows of what was said in it."""

    row: Row
    words: list[Row]


def threads(mine: Private, words: Sequence[PrivateWord]) -> list[Talk]:
    """The private threads that are open, each with its words."""
    return [
        Talk(
            row(
                other,
                "mine thread",
                {"aside" if thread.aside else "word"},
                name=thread.pseudonym,
                other=other,
            ),
            [_word(word, thread.pseudonym) for word in words if word.other == other],
        )
        for other, thread in mine.threads.items()
    ]


def _word(word: PrivateWord, pseudonym: str) -> Row:
    signs = {"by:me" if word.mine else "by:other"}
    return row(
        f"w{word.number}",
        "word",
        signs,
        name=pseudonym,
        text=word.text,
        at=word.at,
        clock=clock(word.at),
    )


def receipts(mine: Private) -> list[Row]:
    """What became of one's own reports."""
    return [
        row(case, "mine mine--note", {f"receipt:{outcome or 'waiting'}"})
        for case, outcome in mine.receipts.items()
    ]


def others_on_duty(room: Public, staff: Staff, me: MemberId) -> list[tuple[MemberId, str]]:
    """To whom an alert can be handed over by name: staff who are connected now."""
    return [
        (member, person.pseudonym)
        for people in (room.people, staff.on_call)
        for member, person in people.items()
        if person.here and person.role in STAFF_ROLES and member != me
    ]


def is_beside(staff: Staff | None, me: MemberId) -> bool:
    """Whether somebody came for an alert and is not at the table."""
    return staff is not None and me in staff.on_call


def role_of(staff: Staff | None, room: Public, me: MemberId) -> Role:
    """The role with which a page enters."""
    if staff is None:
        return Role.MEMBER
    person = staff.on_call.get(me) or room.people.get(me)
    return person.role if person else Role.FACILITATOR
