"""The live room in real browsers: words are kept, nothing moves, and what must vanish vanishes."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.live_page import DESKTOP, PHONE, LivePage

pytestmark = pytest.mark.browser

ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"]
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Enter = Callable[..., LivePage]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def enter(browser: Browser) -> Iterator[Enter]:
    """A demo room of its own. `enter(name)` brings in a member, `leads=True` a facilitator."""
    command = [sys.executable, "-m", "server", "demo", "--quiet", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        said = server.stdout.readline() + server.stdout.readline()
        link = re.search(r"http\S+/demo/\S+", said)
        address = re.search(r"http://[\w.:]+", said)
        assert link and address, said
        pages: list[LivePage] = []

        def enter(name: str, size: tuple[int, int] = PHONE, *, leads: bool = False) -> LivePage:
            page = LivePage(browser, address[0], size)
            pages.append(page)
            if leads:
                page.hold(link[0], name)
            else:
                page.join(name)
            page.level()
            return page

        yield enter
        for page in pages:
            page.close()
        server.terminate()


def fits(page: LivePage) -> None:
    """No WCAG violation, no sideways scroll, and the two buttons on top at their places."""
    found = Axe().run(page.page, options={"runOnly": WCAG}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    width = page.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    assert page.on_top(40, 28) == "leave"
    assert page.on_top(width[1] - 40, 28) == "helpnow"


def test_a_turn_from_the_raised_hand_to_the_end(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    ada.press("Raise hand")
    expect(ada.page.locator("#place")).to_have_text("You’re next")
    fay.press("Pass the floor to Quiet Heron")
    expect(ada.who).to_have_text("You have the floor")
    fits(ada)
    ada.say("It was a week with two good days in it.")
    fay.reads("It was a week with two good days in it.")
    ada.press("I’m done")
    expect(fay.who).to_have_text("The floor is free")
    fits(fay)


def test_words_written_while_the_line_is_down_arrive_once_and_in_order(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    fay.press("Open")
    expect(ada.page.get_by_role("button", name="Send")).to_be_visible()
    ada.line.cut()
    for text in ("First", "Second", "Third"):
        ada.say(text)
    ada.box.fill("A draft that stays")
    expect(ada.notice).to_contain_text("Trying to reconnect.", timeout=6_000)
    expect(ada.unsent).to_have_count(3)
    assert ada.box.is_enabled()
    fits(ada)
    fay.say("You missed this.")
    ada.line.mend()
    ada.unsent.first.get_by_role("button", name="Try now").click()
    for text in ("You missed this.", "First", "Second", "Third"):
        ada.reads(text)
    expect(ada.unsent).to_have_count(0)
    expect(ada.notice).to_be_hidden()
    expect(ada.box).to_have_value("A draft that stays")
    expect(ada.page.locator("#messages")).to_contain_text("You’re back. You missed part")
    fay.reads("Third")
    assert fay.texts() == ada.texts() == ["You missed this.", "First", "Second", "Third"]


def test_words_the_rules_refuse_stay_with_their_author(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    fay.press("Open")
    expect(ada.page.get_by_role("button", name="Send")).to_be_visible()
    ada.line.cut()
    ada.say("I wanted to say this.")
    fay.press("Closed")
    ada.line.mend()
    expect(ada.unsent).to_contain_text("The facilitator is speaking now.", timeout=15_000)
    fay.press("Open")
    expect(ada.page.get_by_role("button", name="Send")).to_be_visible()
    ada.unsent.get_by_role("button", name="Try now").click()
    fay.reads("I wanted to say this.")
    expect(ada.unsent).to_have_count(0)


def test_nothing_moves_under_somebody_who_reads_back(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    for number in range(14):
        fay.say(f"A sentence with the number {number} in it, and a few more words to fill lines.")
        ada.reads(f"number {number} in")
        ada.page.wait_for_timeout(400)
    ada.page.locator(".stream").evaluate("stream => { stream.scrollTop = -500; }")
    newest = ada.page.locator("#newest")
    expect(newest).to_be_visible()
    place = "() => document.querySelectorAll('#messages > li')[6].getBoundingClientRect().top"
    before = ada.page.evaluate(place)
    fay.say("One more.")
    expect(newest).to_contain_text("1 new")
    assert abs(ada.page.evaluate(place) - before) < 1
    newest.click()
    expect(newest).to_be_hidden()
    assert ada.page.evaluate("document.activeElement.tagName") == "ARTICLE"
    ada.page.keyboard.press("ArrowUp")
    assert "number 13" in ada.page.evaluate("document.activeElement.textContent")


def test_a_mute_is_told_and_the_words_in_the_box_stay(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    ada.box.fill("Half a thought")
    row = fay.page.locator("#people .person", has_text="Quiet Heron")
    row.locator("summary").click()
    row.get_by_role("link", name="Mute").click()
    fay.page.get_by_label("Reason").fill("Three replies during turns")
    expect(fay.page.get_by_role("dialog")).to_contain_text("You are muted until")
    fits(fay)
    fay.decide("Mute", "Three replies during turns")
    expect(ada.page.locator("#dock")).to_contain_text("Three replies during turns")
    expect(ada.box).to_have_value("Half a thought")
    fits(ada)


def test_nothing_of_the_room_stays_with_somebody_who_was_removed(enter: Enter) -> None:
    fay, ada = enter("Kind Lamp", DESKTOP, leads=True), enter("Quiet Heron")
    fay.say("A needle in the room.")
    ada.reads("A needle in the room.")
    fay.act("Quiet Heron", "Ask to leave", "Please rest for tonight")
    note = ada.page.get_by_role("region", name="You were asked to leave this meeting")
    expect(note).to_contain_text("Please rest for tonight")
    everything = ada.page.evaluate("document.documentElement.innerHTML")
    assert "needle" not in everything
    assert "Kind Lamp" not in everything
    fits(ada)
    fay.page.get_by_role("link", name="Let back in").click()
    fay.decide("Let back in", "Welcome back")
    expect(note).to_be_hidden()
    fay.say("Good that you are back.")
    ada.reads("Good that you are back.")


def test_everybody_goes_on_when_the_meeting_is_over_but_not_without_their_words(
    enter: Enter,
) -> None:
    fay = enter("Kind Lamp", DESKTOP, leads=True)
    ada, bo = enter("Quiet Heron"), enter("North Window")
    bo.box.fill("Words nobody has seen")
    fay.page.locator("summary", has_text="Close the meeting").click()
    fay.press("Close it for everybody")
    ada.page.wait_for_url("**/after")
    expect(bo.page.locator("#dock")).to_contain_text("The meeting is over.")
    expect(bo.box).to_have_value("Words nobody has seen")
    fits(bo)
    bo.page.get_by_role("link", name="Go on").click()
    bo.page.wait_for_url("**/after")


def test_help_opens_beside_the_room_only_while_words_wait_in_it(enter: Enter) -> None:
    ada = enter("Quiet Heron")
    ada.box.fill("Words that live on this page alone")
    with ada.context.expect_page() as beside:
        ada.page.get_by_role("link", name="Help now").first.click()
    expect(beside.value).to_have_url(re.compile("/help"))
    expect(ada.box).to_have_value("Words that live on this page alone")
    ada.box.fill("")
    ada.page.get_by_role("link", name="Help now").first.click()
    ada.page.wait_for_url("**/help")


@pytest.mark.parametrize("size", [(360, 300), (320, 740)])
def test_the_box_is_in_sight_on_small_windows(enter: Enter, size: tuple[int, int]) -> None:
    ada = enter("Quiet Heron", size)
    place = ada.box.bounding_box()
    assert place
    assert place["y"] + place["height"] <= size[1]
    fits(ada)
