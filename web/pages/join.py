"""The threshold: a name for today, what we ask of each other, and in.

A GET changes nothing and sets nothing. The page carries freshly drawn words in a sealed hidden
field, and only the POST gives them to the browser: so a form that is sent twice, or again because
its answer was lost, brings in one person and not two (`server/people/threshold.py`).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from gettext import gettext as _
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.arriving import Join, RulesHaveChanged
from rooms.kernel import MeetingNotOpen
from rooms.pseudonyms import PseudonymRefused
from rooms.refusals import Refused
from rooms.speaking import RulesNotAccepted
from server.assemble import Parts
from server.live.host import Who
from server.people.cookie import words_cookie
from server.people.directory import RoomCard
from server.people.threshold import ThresholdExpired, ThresholdForged
from server.people.words import (
    MistypedWord,
    Words,
    WordsDoNotMatch,
    WrongNumberOfWords,
    draw,
    parse,
)
from web import forms
from web.forms import Form, fresh_key
from web.identity import Identity
from web.pages.naming import chosen_name, former_name, suggestions
from web.pages.room import card_of
from web.templating import Templates, minutes_since

WORDS_REFUSED: Final = (MistypedWord, WordsDoNotMatch, WrongNumberOfWords)
SEALED_REFUSED: Final = (ThresholdExpired, ThresholdForged)
_NOT_ACCEPTED: Final = _("Read these first. When you can keep to them, tick the box.")

MENDABLE: Final = (PseudonymRefused, RulesNotAccepted, *WORDS_REFUSED)
"""Refusals of something that was typed, so that other words in the same form may do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is coming in, and the words to put into their browser, if any."""

    who: Who
    words: Words | None = None


def routes(parts: Parts) -> list[BaseRoute]:
    """The threshold's page and its form."""
    door = JoinPage(parts)
    return [
        Route("/rooms/{slug}/join", door.show, methods=["GET"]),
        Route("/rooms/{slug}/join", door.enter, methods=["POST"]),
    ]


class JoinPage:
    """One page for guests and for staff who come in to hold the room."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._templates = Templates(parts.settings)
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """The empty form; somebody who is in the room already is taken there."""
        card = await card_of(self._parts, request)
        as_staff = request.query_params.get("as") == "staff"
        who = await self._identity.who(request, card.id, as_staff)
        if as_staff and who is None:
            return RedirectResponse("/staff", 303)
        if who is not None:
            seat = await self._parts.hosts.entering.seat(card.id, who)
            if seat is not None and seat.at_table:
                return RedirectResponse(_live(card, as_staff), 303)
        return await self._page(request, card, as_staff, Form({}))

    async def enter(self, request: Request) -> Response:
        """Come in, or be told beside the field what is in the way."""
        card = await card_of(self._parts, request)
        form = await forms.read(request)
        as_staff = form["as"] == "staff"
        try:
            person = await self._person(request, card, form, as_staff)
            if person is None:
                return RedirectResponse("/staff", 303)
            await self._join(card, form, person.who)
        except Refused as refusal:
            return await self._page(request, card, as_staff, form, refusal)
        answer = RedirectResponse(_live(card, as_staff), 303)
        if person.words is not None:
            cookie = words_cookie(person.words, form.has("remember"), self._parts.settings.secure)
            answer.headers.append("Set-Cookie", cookie)
        return answer

    async def _person(
        self, request: Request, card: RoomCard, form: Form, as_staff: bool
    ) -> Person | None:
        """Who sent the form; None for somebody who wants to be staff here and is not."""
        if as_staff:
            who = await self._identity.staff(request, card.id)
            return None if who is None else Person(who)
        # The door of persons, in this order. Words that somebody typed were meant: they win, and
        # they are the one way in which a person already in this browser is replaced. Then the
        # words the browser has. Only a browser without any becomes the person in the sealed
        # field, and that field was drawn once, when the page was made.
        has = self._identity.words(request)
        if form["words"].strip():
            words = parse(form["words"])
        elif has is not None:
            words = has
        else:
            words = self._parts.threshold.open(form["sealed"], self._parts.wall())
        who = self._identity.as_guest(self._identity.key_of(words), card.id)
        asked = has is None or words != has or form.has("remember")
        return Person(who, words if asked else None)

    async def _join(self, card: RoomCard, form: Form, who: Who) -> None:
        glance = await self._parts.hosts.entering.glance(card.id)
        if glance.rules.lines and not form.has("rules"):
            raise RulesNotAccepted()
        former = await former_name(self._parts, card.id, who)
        join = Join(
            pseudonym=chosen_name(form, former),
            rules=_version(form["rules"]),
            first_meeting=form.has("first"),
            listening=form.has("listening"),
            remember=form.has("remember"),
        )
        await self._parts.hosts.submit(card.id, who, join, form.key)

    async def _page(
        self,
        request: Request,
        card: RoomCard,
        as_staff: bool,
        form: Form,
        refusal: Refused | None = None,
    ) -> Response:
        """The form, with everything that was typed and the reason beside its field."""
        glance = await self._parts.hosts.entering.glance(card.id)
        now = self._parts.wall()
        if not (glance.meeting_open or as_staff):
            return self._templates.page("join_closed.html", 409 if refusal else 200, card=card)
        who = await self._identity.who(request, card.id, as_staff)
        # The name of this browser's person is no name for somebody who typed words of their own.
        mine = who is not None and not form["words"].strip()
        former = await former_name(self._parts, card.id, who) if who and mine else None
        names = [former] if former else []
        if form["name"] and not isinstance(refusal, PseudonymRefused):
            names += [form["name"]] if form["name"] != former else []
        names += suggestions(3 - len(names))
        return self._templates.page(
            "join.html",
            _status(refusal),
            card=card,
            rules=glance.rules,
            as_staff=as_staff,
            opens=not glance.meeting_open,
            minutes=minutes_since(glance.opened_at or now, now),
            may_be_staff=not as_staff and await self._identity.staff(request, card.id) is not None,
            known=who is not None,
            former=former,
            names=names,
            form=form,
            key=fresh_key(),
            sealed=self._sealed(form, refusal),
            slip=refusal if isinstance(refusal, MistypedWord) else None,
            wrong=self._wrong(refusal),
        )

    def _sealed(self, form: Form, refusal: Refused | None) -> str:
        """The hidden words: the same again, so that a second try is the same person."""
        if form["sealed"] and not isinstance(refusal, SEALED_REFUSED):
            return form["sealed"]
        return self._parts.threshold.seal(draw(), self._parts.wall())

    def _wrong(self, refusal: Refused | None) -> Mapping[str, str]:
        """The refusal's sentence under the name of the field that it is about."""
        wrong: defaultdict[str, str] = defaultdict(str)
        if refusal is not None:
            field, sentence = _about(refusal)
            wrong[field] = self._templates.say(sentence)
        return wrong


def _about(refusal: Refused) -> tuple[str, str]:
    """The field that a refusal is about, and its sentence."""
    match refusal:
        case PseudonymRefused():
            return "name", refusal.text
        case MistypedWord() | WordsDoNotMatch() | WrongNumberOfWords():
            return "words", refusal.text
        case RulesNotAccepted():
            return "rules", _NOT_ACCEPTED
        case RulesHaveChanged():
            return "rules", refusal.text
        case _:
            return "form", refusal.text


def _version(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def _status(refusal: Refused | None) -> int:
    """The status of the page: a form to be mended, or one that cannot be done at the moment."""
    if refusal is None:
        return 200
    if isinstance(refusal, MENDABLE):
        return 422
    return 503 if refusal.retry and not isinstance(refusal, MeetingNotOpen) else 409


def _live(card: RoomCard, as_staff: bool) -> str:
    return f"/rooms/{card.id}/live" + ("?as=staff" if as_staff else "")
