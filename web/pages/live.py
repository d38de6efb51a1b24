"""The live room: the whole state as a page, and one form for everything a person can do in it.

Without script the page is read, posted and read again. With script the same markup stays and
`web/static/js/live.js` moves it. Words that were refused come back in the box; nothing is lost.
"""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.kernel import NotAMember, NotHere
from rooms.refusals import Refused
from rooms.room import ROOM, STAFF, MemberId, Private, Public, Staff, Standing, private
from rooms.safety import ELEVATED, Card
from server.assemble import Parts
from server.live.catchup import Seat
from server.live.host import Who
from server.people.directory import RoomCard
from web import live_care, live_forms, live_rows
from web.forms import Form, fresh_key, read
from web.identity import Identity
from web.language import ENGLISH, chosen
from web.live_rows import Row
from web.live_scene import scene
from web.safety_card import Cards, Frame
from web.templating import Templates

SHOW: Final = "show"
"""The verb of "Show new messages": nothing but presence and a fresh page."""
SAYING: Final = ("say", "say-privately", "answer-privately", "report")
"""Forms whose own words have arrived; in all others words in the box still wait."""
NOTHING: Final = Form({})


class LivePages:
    """The pages and forms of all live rooms."""

    def __init__(self, parts: Parts) -> None:
        self._hosts = parts.hosts
        self._directory = parts.directory
        self._identity = Identity(parts)
        self._templates = Templates(parts.settings)
        self._cards = Cards(parts.hotlines)

    async def show(self, request: Request) -> Response:
        """The room as it is now."""
        card = await self._card(request)
        as_staff = request.query_params.get("as") == "staff"
        who = await self._identity.who(request, card.id, as_staff)
        return await self._page(card, who, as_staff, language=chosen(request))

    async def sheet(self, request: Request) -> Response:
        """An act on a person as a page of its own, for a browser without script."""
        verb = request.path_params["verb"]
        if verb not in (*live_forms.SHEETS, *live_forms.TELLING):
            raise HTTPException(405, headers={"Allow": "POST"})
        card = await self._card(request)
        who = await self._identity.who(request, card.id, as_staff=verb in live_forms.SHEETS)
        return await self._sheet(card, who, verb, Form(dict(request.query_params)))

    async def do(self, request: Request) -> Response:
        """What a form asks for, once however often it is sent; then the page again."""
        card, verb, form = (
            await self._card(request),
            request.path_params["verb"],
            await read(request),
        )
        as_staff = form["as"] == "staff"
        who = await self._identity.who(request, card.id, as_staff)
        if who is None:
            return self._unknown(card, as_staff, verb, form)
        try:
            command = live_forms.command(verb, form)
            if command is None and verb != SHOW:
                raise HTTPException(404)
            await self._hosts.presence.visit(card.id, who)
            if command is not None:
                await self._hosts.submit(card.id, who, command, form.key)
        except Refused as why:
            if verb in (*live_forms.SHEETS, *live_forms.TELLING):
                return await self._sheet(card, who, verb, form, why)
            return await self._page(card, who, as_staff, form, why, chosen(request))
        if verb == "leave":
            return RedirectResponse(f"/rooms/{card.id}/after", 303)
        if verb not in SAYING and form["text"]:
            # A redirect would lose the words that wait in the box. Nothing is done twice when this
            # page is sent again: it carries the key of what it did.
            return await self._page(card, who, as_staff, form, language=chosen(request))
        return RedirectResponse(_address(card.id, as_staff), 303)

    async def _card(self, request: Request) -> RoomCard:
        card = await self._directory.room(request.path_params["slug"])
        if card is None:
            raise HTTPException(404)
        return card

    async def _page(
        self,
        card: RoomCard,
        who: Who | None,
        as_staff: bool,
        kept: Form = NOTHING,
        why: Refused | None = None,
        language: str = ENGLISH,
    ) -> Response:
        """The live page; the door instead for somebody who has no place in the room and with whom
        nobody writes in private."""
        seat = None if who is None else await self._hosts.entering.seat(card.id, who)
        if seat is None or not _has_a_page(seat):
            return (
                self._away(card, as_staff, kept, why) if kept["text"] else _door(card.id, as_staff)
            )
        # Private words that were refused go back to their own box, never into the room's.
        whispered = kept if kept["other"] else NOTHING
        kept = NOTHING if kept["other"] else kept
        context = self._context(card, as_staff, kept, why) | _room(seat)
        public, mine = context["public"], context["mine"]
        if why is not None and why.help and live_care.card_kind(mine.card) == "none":
            # It could not be stored; that it was heard is said all the same.
            mine.card = Card(level=why.help, category=None, subject=None, at=seat.now, person=False)
            context |= _room(seat)
        frame = Frame(
            language,
            lambda: self._templates.markup("live/fields.html", **context),
            lambda verb: f"/rooms/{card.id}/live/{verb}",
        )
        context["card"] = self._cards.card(frame, context["scene"].signs, public, mine, seat.member)
        talks = context["lists"]["threads"]
        context["threads"] = self._cards.threads(frame, talks, context["leads"], whispered)
        return self._templates.page("live/page.html", _status(why), **context)

    async def _sheet(
        self, card: RoomCard, who: Who | None, verb: str, form: Form, why: Refused | None = None
    ) -> Response:
        """The sheet of one act. The person or message it is about comes from the room's own state,
        never from the address."""
        seat = None if who is None else await self._hosts.entering.seat(card.id, who)
        acts = verb in live_forms.SHEETS
        if seat is None or (acts and not isinstance(seat.view.get(STAFF), Staff)):
            return _door(card.id, as_staff=acts)
        message = next((u for u in seat.messages if str(u.number) == form["message"]), None)
        names = {str(m): name for m, name in _names(seat).items()}
        if message is None and (verb == "hide" or form["member"] not in names):
            raise HTTPException(404)
        return self._templates.page(
            "live/sheet.html",
            _status(why),
            **self._context(card, acts, form, why),
            leads=acts,
            verb=verb,
            about=live_rows.row(
                signs={"message"} if message else set(),
                name=message.pseudonym if message else names[form["member"]],
                text=(message.text or "") if message else "",
                message=form["message"],
                member=form["member"],
            ),
        )

    def _unknown(self, card: RoomCard, as_staff: bool, verb: str, form: Form) -> Response:
        """Somebody whose browser has lost who they are. What they sent is read all the same."""
        if not form["text"]:
            return _door(card.id, as_staff)
        gone: Refused = NotHere() if as_staff else NotAMember()
        try:
            command = live_forms.command(verb, form)
        except Refused:
            command = None
        if command is not None:
            gone.help = self._hosts.heed_stranger(command)
        return self._away(card, as_staff, form, gone)

    def _away(
        self, card: RoomCard, as_staff: bool, form: Form, why: Refused | None = None
    ) -> Response:
        """Somebody sent words and is not at the table any more: their words, and the way back.
        Where these speak of danger, who can help stands first."""
        gone = why or (NotHere() if as_staff else NotAMember())
        context = self._context(card, as_staff, form, gone)
        return self._templates.page("live/away.html", _status(gone), **context)

    def _context(
        self, card: RoomCard, as_staff: bool, kept: Form, why: Refused | None
    ) -> dict[str, Any]:
        return {
            "room": card,
            "as_staff": as_staff,
            "kept": kept,
            # A refused form may be sent again as it was; then it is the same request.
            "dock_key": kept.key if why is not None and why.retry else fresh_key(),
            "fresh_key": fresh_key,
            "refusal_text": "" if why is None else self._templates.say(why.text),
            "in_danger": why is not None and why.help >= ELEVATED,
            "door": _door_address(card.id, as_staff),
        }


def routes(parts: Parts) -> list[BaseRoute]:
    """The live room's addresses."""
    pages = LivePages(parts)
    return [
        Route("/rooms/{slug}/live", pages.show, methods=["GET"]),
        Route("/rooms/{slug}/live/{verb}", pages.do, methods=["POST"]),
        Route("/rooms/{slug}/live/{verb}", pages.sheet, methods=["GET"]),
    ]


def _room(seat: Seat) -> dict[str, Any]:
    """What the templates show of a place in the room."""
    public, staff = seat.view.get(ROOM), seat.view.get(STAFF)
    mine = seat.view[private(seat.member)]
    mine = mine if isinstance(mine, Private) else Private()
    public = public if isinstance(public, Public) else Public()
    staff = staff if isinstance(staff, Staff) else None
    names, me, leads = _names(seat), seat.member, staff is not None
    now = scene(public, mine, staff, me, seat.now)
    lists: dict[str, list[Row]] = {
        "messages": live_rows.messages(seat.messages, public, me, leads),
        "seats": live_rows.seats(public, me),
        "people": live_rows.people(public, staff, me),
        "hands": live_rows.hands(public, staff, me),
        "muted": live_rows.muted(staff, names) if staff else [],
        "removed": live_rows.removed(staff, names) if staff else [],
        "alerts": live_care.alerts(staff, seat.messages, names, me) if staff else [],
        "asked": live_care.asked(staff, names) if staff else [],
        "between": live_care.between(staff, names, me) if staff else [],
        "reports": live_care.reports(staff, seat.messages, names) if staff else [],
        "receipts": live_care.receipts(mine),
    }
    return {
        "public": public,
        "mine": mine,
        "leads": leads,
        "beside": live_care.is_beside(staff, me),
        "enters_as": live_care.role_of(staff, public, me),
        "duty": live_care.others_on_duty(public, staff, me) if staff else [],
        "scene": now,
        "when": now.signs.when,
        "lists": lists | {"threads": live_care.threads(mine, seat.words)},
        "blank": live_rows.row(),
        "clock": live_rows.clock,
    }


def _names(seat: Seat) -> dict[MemberId, str]:
    """The names a person's page knows: of those at the table, and of those who spoke."""
    public = seat.view.get(ROOM)
    here = public.people if isinstance(public, Public) else {}
    spoke = {u.member: u.pseudonym for u in seat.messages}
    staff = seat.view.get(STAFF)
    beside: dict[MemberId, str] = {}
    if isinstance(staff, Staff):
        beside = {member: person.pseudonym for member, person in staff.on_call.items()}
        beside |= {member: alert.pseudonym for member, alert in staff.alerts.items()}
    return spoke | beside | {member: person.pseudonym for member, person in here.items()}


def _has_a_page(seat: Seat) -> bool:
    """Whether the live page has anything for somebody: a place in the room, or what is theirs alone
    and goes on without one."""
    mine = seat.view[private(seat.member)]
    theirs = isinstance(mine, Private) and (mine.threads or mine.asked or mine.card)
    return seat.at_table or seat.standing is Standing.REMOVED or STAFF in seat.view or bool(theirs)


def _status(why: Refused | None) -> int:
    """409 where the room's state says no, 422 where the words do."""
    if why is None:
        return 200
    return 422 if "limit" in why.facts else 409


def _address(room_id: str, as_staff: bool) -> str:
    return f"/rooms/{room_id}/live" + ("?as=staff" if as_staff else "")


def _door_address(room_id: str, as_staff: bool) -> str:
    return f"/rooms/{room_id}/join" + ("?as=staff" if as_staff else "")


def _door(room_id: str, as_staff: bool) -> Response:
    return RedirectResponse(_door_address(room_id, as_staff), 303)
