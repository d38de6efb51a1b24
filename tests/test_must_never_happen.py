"""What must never happen to a person in danger, line by line and in the order of the list."""

import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from moderation.actions import RemoveMember
from moderation.alerts import ClaimAlert, CloseAlert
from moderation.danger import ChooseCountry, NeedHelp, PutCardAway
from moderation.hotlines import Hotline, for_country
from moderation.offers import offer
from moderation.reporting import RaiseConcern, ReportIt, ReportWhy
from rooms.kernel import Order, PrivateEvent
from rooms.orders import CaseKind, PageOnCall, RemindStaff, TellDesk, TellElsewhere
from rooms.presence import Leave
from rooms.refusals import Refused
from rooms.room import Mode, Standing, private
from rooms.safety import Category, Level, Outcome
from rooms.speaking import Speak
from rooms.threads import OpenThread, SayPrivately
from rooms.turns import RaiseHand
from server.calling.desk import FALSE_ALARM_KEPT, KEPT
from server.hotlines import read_hotlines
from server.live.protocol import EVENTS
from server.storage.tables import audit, outbox
from tests.server.live.house import ADA, BO, FAY, NAMES, House, built
from tests.server.live.listener import Listener
from tests.web.duty import does, mails, ready, with_mail
from tests.web.house import FAY as HOLDING
from tests.web.house import House as Deployment
from tests.web.house import threshold_form

ROOT: Final = Path(__file__).parents[1]
CRY: Final = "I took the whole bottle of pills"
PLAIN: Final = "Good evening, everybody."


class Evening:
    """A meeting that Fay holds with Ada and Bo, and their open pages."""

    def __init__(self, house: House, fay: Listener, ada: Listener, bo: Listener) -> None:
        self.house = house
        self.fay, self.ada, self.bo = fay, ada, bo


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    """A meeting in a real house."""
    async with built(tmp_path) as house:
        yield Evening(house, await house.opens(), await house.joins(ADA), await house.joins(BO))


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Every sentence that a page can show, in English and as read in danger in each language."""
    folder = ROOT / "web" / "translations"
    found = [text for name in ("messages.pot", "safety.pot") for text in _texts(folder / name)]
    for language in sorted(folder.glob("*/safety.po")):
        found += _texts(language)
    return [*found, *(getattr(refused, "text", "") for refused in _refusals(Refused))]


def _texts(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for message in read_po(io.BytesIO(file.read())):
            for text in (message.id, message.string):
                yield from (text,) if isinstance(text, str) else text or ()


def _refusals(kind: type[Refused]) -> Iterator[type[Refused]]:
    for below in kind.__subclasses__():
        yield below
        yield from _refusals(below)


def found_in(pattern: str, sentences: list[str]) -> list[str]:
    """The sentences that say something."""
    return [text for text in sentences if re.search(pattern, text, re.IGNORECASE)]


# 1. Hold, delay, hide or delete a message because it signals risk. Crisis first, then moderation.


async def test_1_words_of_danger_are_heard_by_all_at_once_and_stay(evening: Evening) -> None:
    house = evening.house
    for text in (PLAIN, CRY):
        await house.says(ADA, text)
        assert evening.bo.said()[-1] == text
    await house.settles()
    fates = [state.fate.value for state in (await house.state()).public.messages.values()]
    assert fates == ["said", "said"]
    heard = [event["type"] for event in evening.fay.events()]
    assert heard.index("AlertRaised") < heard.index("AlertWordsSaid")


async def test_1_what_the_rules_refuse_still_raises_its_alert(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        page = await house.opens(Mode.TURNS)
        ada = await house.joins(ADA)
        refused = await house.refuses(ADA, Speak(text=CRY))
        await house.settles()
        assert (refused.code, refused.help) == ("not_your_turn", 3)
        assert [event["level"] for event in page.events("AlertRaised")] == [3]
        assert [event["level"] for event in ada.events("CardOffered")] == [3]


# 2. Mute, remove, ban or count against somebody for risk; cut off help or an open private word.


async def test_2_nothing_is_done_to_whoever_is_in_danger(evening: Evening) -> None:
    house = evening.house
    for number in range(3):
        await house.says(ADA, f"{CRY} ({number})")
        house.hands.pass_(60)
    await house.do(ADA, NeedHelp())
    await house.ticks(3_600)
    state = await house.state()
    assert state.standing(evening.ada.me, state.last) is Standing.SPEAKING
    assert not state.staff.muted
    assert not state.staff.removed
    assert not await house.database.read(lambda c: c.execute(select(audit)).all())
    await house.do(ADA, RaiseHand())


async def test_2_whoever_is_removed_keeps_the_open_private_word_and_help(evening: Evening) -> None:
    house, ada = evening.house, evening.ada.me
    await house.says(ADA, CRY)
    await house.do(FAY, ClaimAlert(member=ada))
    await house.do(FAY, OpenThread(member=ada))
    await house.do(FAY, RemoveMember(member=ada, reason="Shouting at others"))
    await house.do(ADA, SayPrivately(other=evening.fay.me, text="Are you still there?"))
    assert evening.fay.events("PrivatelySaid")[-1]["text"] == "Are you still there?"
    await house.do(ADA, NeedHelp())
    await house.refuses(ADA, Speak(text=PLAIN))
    state = await house.state()
    assert state.own_alert(ada) is not None
    assert evening.fay.me in state.private(ada).threads


async def test_2_whoever_is_removed_and_cries_out_is_heard(evening: Evening) -> None:
    house, ada = evening.house, evening.ada.me
    await house.do(FAY, RemoveMember(member=ada, reason="Shouting at others"))
    refused = await house.refuses(ADA, Speak(text=CRY))
    await house.settles()
    assert (refused.code, refused.help) == ("removed", 3)
    state = await house.state()
    assert state.own_alert(ada) is not None
    assert [event["level"] for event in evening.ada.events("CardOffered")] == [3]


# 3. Tell the group, other members or a reporter; tell the author who reported.


async def test_3_the_group_is_told_nothing(evening: Evening) -> None:
    house, ada = evening.house, evening.ada.me
    await house.says(ADA, CRY)
    before = len(evening.bo.frames)
    for command in (NeedHelp(), ChooseCountry(country="NL"), PutCardAway()):
        await house.do(ADA, command)
    await house.do(FAY, ClaimAlert(member=ada))
    await house.do(FAY, OpenThread(member=ada))
    await house.do(ADA, SayPrivately(other=evening.fay.me, text="I am at home."))
    await house.do(FAY, CloseAlert(member=ada, outcome=Outcome.WITH_SOMEONE, note="Her sister"))
    assert evening.bo.frames[before:] == []
    page = await house.enters(BO)
    assert "alert" not in str(page.last("snapshot")["view"]).lower()
    assert [event["text"] for event in page.events("Said")] == [CRY]


async def test_3_nobody_learns_who_worried_or_reported(evening: Evening) -> None:
    house, ada, bo = evening.house, evening.ada.me, evening.bo.me
    before = len(evening.ada.frames)
    await house.do(BO, RaiseConcern(member=ada))
    await house.do(BO, ReportIt(why=ReportWhy.OTHER, member=ada, text="Something is wrong"))
    assert evening.ada.frames[before:] == []
    told = [str(event) for event in evening.fay.events(stream="staff")]
    assert any("worried" in event for event in told)
    assert not any(str(bo) in event or NAMES[BO.tag] in event for event in told)
    # And whoever told it learns that it arrived, and nothing of the person.
    mine = evening.bo.events(stream=private(bo))
    assert {event["type"] for event in mine} >= {"ConcernReceived", "ReportReceived"}
    assert not any(str(ada) in str(event) for event in mine[-2:])


# 4. Call police or an ambulance by itself, claim that help is on the way, trace.


async def test_4_an_emergency_calls_those_who_are_on_shift_and_nobody_else(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (house, mailbox):
        await ready(house, "max")
        await house.open_meeting()
        await does(house, HOLDING, Leave())
        await _cries(house)
        assert {to for to, _ in await mails(house, mailbox)} == {"max"}
    reached = {PageOnCall, TellElsewhere, TellDesk, RemindStaff}
    ours = {order for order in Order.__subclasses__() if order.__module__.startswith("rooms.")}
    assert ours == reached, "who else is told, and of what?"


ON_THE_WAY: Final = (
    r"(help|police|an ambulance|the rescue) (is|are) (coming|on (its|their|the) way)|"
    r"we (have|will|shall|are going to) (call|send|trace|locate|find you)|we know where|"
    r"hilfe ist unterwegs|ayuda está en camino|secours arrivent|ajuda está a caminho"
)


def test_4_no_sentence_says_that_help_is_on_the_way(sentences: list[str]) -> None:
    assert found_in(ON_THE_WAY, sentences) == []
    assert found_in(ON_THE_WAY, ["Stay calm, help is on its way."])
    assert found_in("so we cannot send help", sentences)


# 5. Promise absolute confidentiality, say that everything is watched, let a program counsel.


def test_5_no_sentence_promises_what_nobody_can_keep(sentences: list[str]) -> None:
    promised = found_in(r"confidential|vertraulich|confidencial|confidentiel", sentences)
    assert [s for s in promised if not found_in(r"except|außer|salvo|sauf|exceto", [s])] == []
    watched = r"we (monitor|watch|read) (everything|all)|(totally|completely|100 ?%) (safe|anonym)"
    assert found_in(watched, sentences) == []
    assert found_in(watched, ["Be careful: we monitor everything."])


def test_5_only_people_write_what_somebody_in_danger_reads(evening: Evening) -> None:
    free = {
        (event.__name__, field)
        for event in EVENTS
        if issubclass(event, PrivateEvent)
        for field in event.__struct_fields__
        if event.__annotations__.get(field) in (str, "str")
    }
    by_people = {
        ("PrivatelySaid", "text"),
        ("ThreadOpened", "pseudonym"),
        ("CountryChosen", "country"),
        ("NeededElsewhere", "room"),
        ("YouWereMuted", "reason"),
        ("YouWereUnmuted", "reason"),
        ("YouWereRemovedBecause", "reason"),
        ("YouWereReadmitted", "reason"),
        ("YourMessageHidden", "reason"),
    }
    assert free == by_people


# 6. Let an alert die silently: no staff, a restart, a closed tab, a full queue.


async def test_6_an_alert_that_nobody_sees_calls_on_through_kills_and_restarts(
    evening: Evening,
) -> None:
    house, ada = evening.house, evening.ada.me
    await house.hangs_up(evening.fay)
    await house.says(ADA, CRY)
    await house.hangs_up(evening.ada, evening.bo)
    calls = [await _calls(house)]
    for away in (house.is_killed, house.restarts, house.is_killed):
        house.hands.pass_(400)
        await away()
        await house.ticks(1)
        calls.append(await _calls(house))
        assert (await house.state()).own_alert(ada) is not None
    assert calls[0] == 1, "in an emergency with nobody here, at once"
    assert calls == sorted(set(calls)), "each time somebody is called again"
    await house.ticks(13 * 3_600)
    state = await house.state()
    assert state.public.meeting is None
    alert = state.own_alert(ada)
    assert alert is not None
    assert alert.level == 3


async def _calls(house: House) -> int:
    kinds = select(outbox.c.id).where(outbox.c.kind == PageOnCall.__name__)
    return len(await house.database.read(lambda c: c.execute(kinds).all()))


# 7. Give doses, tapers or methods; name places; argue, shame.

DOSES: Final = r"\d\s?(mg|µg|mcg|ml|grams?|pills|tablets|units)\b|taper|half the dose|per day"
SHAME: Final = (
    r"think of your|selfish|coward|commit(ted)? suicide|ashamed|weak-willed|attention.seek|"
    r"other people have it worse|you should have|denk an deine|piensa en tus|pense à tes"
)


def test_7_no_sentence_doses_or_shames(sentences: list[str]) -> None:
    assert found_in(DOSES, sentences) == []
    assert found_in(SHAME, sentences) == []
    assert found_in(DOSES, ["Take 50 mg less each week."])
    assert found_in(SHAME, ["Think of your kids."])


# 8. Use risk for numbers about people; keep it longer than said; text in a call or in a log.


async def test_8_a_call_and_a_log_hold_nothing_that_was_said_and_nobodys_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with with_mail(tmp_path) as (house, mailbox):
        await ready(house, "max")
        await house.open_meeting()
        await does(house, HOLDING, Leave())
        name = await _cries(house)
        await house.parts.wakes.deliver()
        [(_, mail)] = mailbox.mails
        metrics = (await house.browser().get("/metrics")).text
        for where in (mail.as_string(), caplog.text, metrics):
            for secret in ("bottle", "pills", name):
                assert secret not in where
        assert "3" in mail.get_content()
        names = re.findall(r"^candlelight_\w+", metrics, re.MULTILINE)
        assert not [n for n in names if re.search("danger|alert|risk|level|crisis", n)]


async def test_8_what_lies_on_the_desk_is_forgotten_on_its_day(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (house, _):
        desk = house.parts.desk
        for case, outcome in enumerate((Outcome.FALSE_ALARM, Outcome.TALKED_SAFE), start=1):
            order = TellDesk(
                kind=CaseKind.NOTE,
                about="Amber Finch",
                level=3,
                outcome=outcome,
                words="We talked",
                case=case,
                at=house.wall.now,
            )
            await desk.lay(house.card.id, msgspec.json.encode(order))
        begun = house.wall.now
        for kept, readable in ((FALSE_ALARM_KEPT, (2, 1)), (KEPT, (1, 0))):
            for days, expected in zip((kept, kept + timedelta(days=1)), readable, strict=True):
                house.wall.now = begun + days.total_seconds()
                await house.parts.wakes.sweep()
                assert sum(case.words is not None for case in await desk.read(1)) == expected


# 9. Show an unverified or a foreign number first.


@pytest.mark.parametrize("category", [None, *Category])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_9_no_foreign_number_is_shown_and_no_unsure_one_before_a_sure_one(
    level: Level, category: Category | None
) -> None:
    hotlines = read_hotlines()
    for code, country in hotlines.items():
        ways = offer(hotlines, code, ["en"], level, category)
        own = country.emergency
        emergency = {own.first, own.for_ambulance, own.for_police}
        lines = {line.name: line for line in country.hotlines}
        for way in ways:
            assert way.number in emergency if not way.name else way.name in lines, code
        shown = [lines[way.name] for way in ways if way.name]
        sure = [line for line in country.hotlines if line.confidence != "low"]
        assert not sure or all(line.confidence != "low" for line in shown), code
        doubts = [way.doubtful for way in ways if way.name]
        assert doubts == [line.doubtful for line in shown], "doubt is said"
        if level == 3:
            assert not ways[0].name, f"{code}: an emergency begins with the emergency number"
    assert offer(hotlines, "", ["en"], level, category) == [], "nothing is guessed"


def test_9_the_first_line_of_a_country_is_never_one_that_nobody_confirmed() -> None:
    hotlines = read_hotlines()
    for code, country in hotlines.items():
        numbers = for_country(hotlines, code, ["en"])
        assert numbers is not None
        if any(line.confidence != "low" for line in country.hotlines):
            first: Hotline = numbers.lines[0]
            assert first.confidence != "low", code


# Helpers of the deployment.


async def _cries(house: Deployment) -> str:
    """Somebody comes in by the threshold and writes that they are in danger; their name."""
    browser = house.browser()
    form = threshold_form(await browser.get(f"{house.room}/join"))
    answer = await browser.post(f"{house.room}/join", data=form)
    assert answer.status_code == 303, answer.text
    page = await browser.get(f"{house.room}/live")
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key
    fields: dict[str, Any] = {"key": key[1], "text": CRY}
    await browser.post(f"{house.room}/live/say", data=fields)
    assert (await browser.get("/help")).status_code == 200
    return form["name"]
