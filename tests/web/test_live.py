"""The live room without script: read, post, read again, and no words are ever lost."""

import re
from html.parser import HTMLParser

import pytest
from httpx2 import AsyncClient, Response

from rooms.arriving import AcceptGroundRules
from rooms.kernel import Command
from rooms.modes import SetMode
from rooms.room import Mode
from rooms.speaking import Speak
from tests.web.house import FAY, House, hidden, threshold_form


async def at_table(house: House, name: str) -> AsyncClient:
    """Somebody new who came in under this name."""
    browser = house.browser()
    page = await browser.get(f"{house.room}/join")
    answer = await browser.post(f"{house.room}/join", data=threshold_form(page, own=name))
    assert answer.status_code == 303, answer.text
    return browser


async def holding(house: House) -> AsyncClient:
    """A facilitator at the table, by the pages alone."""
    browser, _ = await house.staff("lamp")
    page = await browser.get(f"{house.room}/join?as=staff")
    form = threshold_form(page, own="Kind Lamp") | {"as": "staff", "sealed": ""}
    answer = await browser.post(f"{house.room}/join?as=staff", data=form)
    assert answer.status_code == 303, answer.text
    return browser


async def live(house: House, browser: AsyncClient, query: str = "") -> str:
    """The live page as it is now, without what only a script copies."""
    answer = await browser.get(f"{house.room}/live{query}")
    assert answer.status_code == 200, answer.headers
    return without_templates(answer)


def without_templates(page: Response) -> str:
    return re.sub(r"<template.*?</template>", "", page.text, flags=re.DOTALL)


class Reader(HTMLParser):
    """Reads a page as a person does: without what is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"input", "meta", "link", "use"}:
            self._open.append(
                tag in {"script", "template", "noscript"} or ("hidden", None) in attrs
            )

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"input", "meta", "link", "use"}:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.words.append(data)


def shown(page: str) -> str:
    """The words of a page that are not hidden."""
    reader = Reader()
    reader.feed(page)
    return " ".join("".join(reader.words).split())


async def does(house: House, browser: AsyncClient, verb: str, **fields: str) -> Response:
    """One form of the live page."""
    page = await browser.get(f"{house.room}/live" + ("?as=staff" if "as" in fields else ""))
    form = {"key": hidden(page, "key")} | fields
    return await browser.post(f"{house.room}/live/{verb}", data=form)


async def fay(house: House, command: Command) -> None:
    await house.parts.hosts.submit(house.card.id, FAY, command, "")


async def test_a_stranger_is_shown_the_door(house: House) -> None:
    await house.open_meeting()
    answer = await house.browser().get(f"{house.room}/live")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{house.room}/join")


@pytest.mark.parametrize(
    ("text", "first"),
    [("I am going to kill myself tonight", "/help"), ("Good evening.", "/rooms/")],
)
async def test_whoever_lost_their_words_keeps_what_they_wrote_and_in_danger_sees_help_first(
    house: House, text: str, first: str
) -> None:
    await house.open_meeting()
    answer = await house.browser().post(
        f"{house.room}/live/say", data={"key": "key-of-a-stranger", "text": text}
    )
    assert answer.status_code == 409
    assert text in shown(answer.text)
    assert ("Is someone in danger right now?" in shown(answer.text)) is (first == "/help")
    links = re.findall(r'class="btn btn--main" href="([^"]+)"', answer.text)
    assert [link.startswith(first) for link in links] == [True]
    assert "/help" in re.findall(r'href="([^"]+)"', answer.text)


async def test_an_unknown_room_is_not_found(house: House) -> None:
    assert (await house.browser().get("/rooms/zzzzzz/live")).status_code == 404


async def test_ada_speaks_and_bo_reads_it(house: House) -> None:
    await house.open_meeting()
    ada, bo = await at_table(house, "Quiet Heron"), await at_table(house, "North Window")
    answer = await does(house, ada, "say", text="Good evening, <b>everybody</b>.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{house.room}/live")
    page = await live(house, bo)
    assert "Good evening, &lt;b&gt;everybody&lt;/b&gt;." in page
    assert "Quiet Heron" in page


async def test_a_form_that_is_sent_twice_speaks_once(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    form = {"key": "the-same-key", "text": "Only once, please."}
    for _ in range(2):
        assert (await ada.post(f"{house.room}/live/say", data=form)).status_code == 303
    assert (await live(house, ada)).count("Only once, please.") == 1


async def test_nobody_hears_what_was_said_before_they_came(house: House) -> None:
    await house.open_meeting()
    await fay(house, AcceptGroundRules(version=1))
    await fay(house, Speak(text="A needle from earlier."))
    assert "needle" not in await live(house, await at_table(house, "Quiet Heron"))


async def test_refused_words_come_back_in_the_box_with_the_reason(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    await fay(house, SetMode(mode=Mode.CLOSED))
    answer = await does(house, ada, "say", text="I want to keep these words.")
    assert answer.status_code == 409
    assert ">I want to keep these words.</textarea>" in answer.text
    assert "The facilitator is speaking now." in answer.text


async def test_words_that_are_too_long_are_never_cut(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    answer = await does(house, ada, "say", text="a" * 2001)
    assert answer.status_code == 422
    assert "a" * 2001 + "</textarea>" in answer.text


async def test_words_in_the_box_survive_another_button(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    await fay(house, SetMode(mode=Mode.TURNS))
    for verb in ("hand-up", "show", "hand-down"):
        answer = await does(house, ada, verb, text="Not finished yet")
        assert answer.status_code == 200, verb
        assert ">Not finished yet</textarea>" in answer.text


async def test_words_of_somebody_whose_meeting_ended_meanwhile_are_given_back(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    page = await ada.get(f"{house.room}/live")
    await house.close_meeting()
    form = {"key": hidden(page, "key"), "text": "Too late, but mine."}
    answer = await ada.post(f"{house.room}/live/say", data=form)
    assert answer.status_code == 409
    assert ">Too late, but mine.</textarea>" in answer.text
    assert 'href="/help"' in answer.text


async def test_somebody_waits_takes_a_turn_and_gives_it_back(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    lamp = await holding(house)
    await fay(house, SetMode(mode=Mode.TURNS))
    assert "You can listen, or write ahead." in shown(await live(house, ada))
    await does(house, ada, "hand-up")
    assert "You’re next" in shown(await live(house, ada))
    assert "Pass the floor to Quiet Heron" in shown(await live(house, lamp, "?as=staff"))
    answer = await does(house, lamp, "call", **{"as": "staff"})
    assert answer.headers["location"] == f"{house.room}/live?as=staff"
    page = shown(await live(house, ada))
    assert "You have the floor" in page
    assert "It’s your turn" in page
    await does(house, ada, "done")
    assert "The floor is free" in shown(await live(house, ada))


async def test_a_mute_is_asked_on_a_sheet_and_told_with_reason_and_end(house: House) -> None:
    await house.open_meeting()
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    link = f"{house.room}/live/mute?member={await member_of(house, 'Quiet Heron')}"
    assert f'href="{link}"' in await live(house, lamp, "?as=staff")
    sheet = await lamp.get(link)
    assert "They read along and keep their hand." in shown(sheet.text)
    form = {
        "key": hidden(sheet, "key"),
        "as": "staff",
        "member": hidden(sheet, "member"),
        "minutes": "10",
        "reason": "Three replies during turns",
    }
    answer = await lamp.post(f"{house.room}/live/mute", data=form | {"reason": ""})
    assert answer.status_code == 409
    assert 'class="sheet__panel' in answer.text
    assert (await lamp.post(f"{house.room}/live/mute", data=form)).status_code == 303
    page = shown(await live(house, ada))
    assert "You are muted until" in page
    assert "Reason from the facilitators: Three replies during turns" in page
    assert "End the mute" in shown(await live(house, lamp, "?as=staff"))


async def test_somebody_who_was_removed_reads_why_and_nothing_of_the_room(house: House) -> None:
    await house.open_meeting()
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    await does(house, ada, "say", text="A needle in the room.")
    member = await member_of(house, "Quiet Heron")
    fields = {"as": "staff", "member": member, "reason": "Please rest for tonight"}
    assert (await does(house, lamp, "remove", **fields)).status_code == 303
    page = await live(house, ada)
    assert "You were asked to leave this meeting" in shown(page)
    assert "Please rest for tonight" in shown(page)
    assert 'href="/help"' in page
    assert "needle" not in page
    assert "Kind Lamp" not in page
    assert (await does(house, lamp, "readmit", **fields)).status_code == 303
    assert (await ada.get(f"{house.room}/live")).headers["location"] == f"{house.room}/join"


async def test_a_message_is_hidden_for_everybody(house: House) -> None:
    await house.open_meeting()
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    await does(house, ada, "say", text="A needle of advice.")
    page = await live(house, lamp, "?as=staff")
    number = re.search(r"/live/hide\?message=(\d+)", page)
    assert number
    sheet = await lamp.get(f"{house.room}/live/hide?message={number[1]}")
    assert "A needle of advice." in sheet.text
    fields = {"as": "staff", "message": number[1], "reason": "Advice about medicine"}
    assert (await does(house, lamp, "hide", **fields)).status_code == 303
    for browser, query in ((ada, ""), (lamp, "?as=staff")):
        page = await live(house, browser, query)
        assert "needle" not in page
        assert "Hidden by a facilitator" in shown(page)


async def test_ada_takes_her_own_words_back(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    await does(house, ada, "say", text="A needle I regret.")
    page = await ada.get(f"{house.room}/live")
    await does(
        house, ada, "retract", message=re.findall(r'name="message" value="(\d+)"', page.text)[0]
    )
    page_now = await live(house, ada)
    assert "needle" not in page_now
    assert "Taken back by Quiet Heron" in shown(page_now)


async def test_new_ground_rules_are_read_before_speaking_again(house: House) -> None:
    await house.open_meeting()
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    await does(house, lamp, "rules", **{"as": "staff", "lines": "Be kind.\r\n\r\nNo names."})
    page = await ada.get(f"{house.room}/live")
    assert "Please read the ground rules before you speak" in shown(page.text)
    assert '<li dir="auto">No names.</li>' in page.text
    await does(house, ada, "accept-rules", version=hidden(page, "version"))
    assert "Please read the ground rules" not in shown(await live(house, ada))


async def test_only_facilitators_are_told_who_is_new_and_who_listens(house: House) -> None:
    await house.open_meeting()
    page = await (browser := house.browser()).get(f"{house.room}/join")
    form = threshold_form(page, own="Lost Mitten", first="yes", listening="yes")
    await browser.post(f"{house.room}/join", data=form)
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    assert "first meeting here" in shown(await live(house, lamp, "?as=staff"))
    assert "first meeting" not in await live(house, ada)
    assert "listening today" not in await live(house, ada)
    assert "You are here to listen." in shown(await live(house, browser))


async def test_a_member_who_asks_for_a_facilitators_sheet_is_shown_the_door(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    member = await member_of(house, "Quiet Heron")
    answer = await ada.get(f"{house.room}/live/remove?member={member}")
    assert answer.headers["location"] == f"{house.room}/join?as=staff"


async def test_a_facilitator_opens_holds_and_closes_a_meeting_by_forms_alone(house: House) -> None:
    lamp = await holding(house)
    assert "Open the meeting" in shown(await live(house, lamp, "?as=staff"))
    staff = {"as": "staff"}
    await does(house, lamp, "open", **staff, mode="closed")
    await does(house, lamp, "topic", **staff, topic="What helped you this week?")
    await does(house, lamp, "freeze", **staff)
    page = shown(await live(house, lamp, "?as=staff"))
    assert "What helped you this week?" in page
    assert "The room is resting. Resume" in page
    await does(house, lamp, "resume", **staff)
    await does(house, lamp, "mode", **staff, mode="turns")
    assert "The floor is free" in shown(await live(house, lamp, "?as=staff"))
    await does(house, lamp, "close", **staff)
    assert "No meeting is open now" in shown(await live(house, lamp, "?as=staff"))


async def test_leaving_asks_no_question_and_ends_on_the_closing_page(house: House) -> None:
    await house.open_meeting()
    ada = await at_table(house, "Quiet Heron")
    answer = await does(house, ada, "leave")
    assert answer.headers["location"] == f"{house.room}/after"
    assert (await ada.get(f"{house.room}/live")).headers["location"] == f"{house.room}/join"


async def test_help_and_leave_quickly_are_on_every_page_of_the_room(house: House) -> None:
    await house.open_meeting()
    ada, lamp = await at_table(house, "Quiet Heron"), await holding(house)
    member = await member_of(house, "Quiet Heron")
    for browser, path in (
        (ada, "/live"),
        (lamp, "/live?as=staff"),
        (lamp, f"/live/mute?member={member}"),
    ):
        page = await browser.get(house.room + path)
        assert page.text.index('href="/leave"') < page.text.index("<main")
        assert 'class="helpnow" href="/help"' in page.text


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("retract", {"message": "one"}),
        ("retract", {"message": "9" * 40}),
        ("mode", {"mode": "loud"}),
        ("accept-rules", {"version": "-1"}),
    ],
)
async def test_a_form_made_by_hand_gets_a_sentence_and_no_fault(
    house: House, verb: str, fields: dict[str, str]
) -> None:
    await house.open_meeting()
    answer = await does(house, await at_table(house, "Quiet Heron"), verb, **fields)
    assert answer.status_code == 409
    assert "was not understood" in answer.text


async def test_an_address_without_a_command_is_not_found(house: House) -> None:
    await house.open_meeting()
    assert (await does(house, await at_table(house, "Quiet Heron"), "shout")).status_code == 404


async def member_of(house: House, name: str) -> str:
    """The id of the member with this name, as pages write it."""
    room = (await house.parts.hosts.host(house.card.id)).room
    return next(str(m) for m, known in room.core.members.items() if known.pseudonym == name)
