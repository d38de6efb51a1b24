"""Somebody in front of a browser: what they see, and what they do with their hands."""

import re
import time
from collections.abc import Callable
from typing import Final

import pyotp
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, WebError, expect

from tests.browser.house import PASSWORD, House, Room

PHONE: Final = {"width": 360, "height": 740}
DESKTOP: Final = {"width": 1280, "height": 800}

SHOWN: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (walker.currentNode.parentElement.checkVisibility()) texts.push(walker.currentNode.data);
  }
  return texts.join(" ");
}"""


class Phone:
    """The app that shows a facilitator's codes: each only once, as each works only once."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._step = 0

    def code(self) -> str:
        """The code of now; if it was used, that of the next half minute, as on a phone whose clock
        is a little ahead."""
        self._step = max(int(time.time() // self._totp.interval), self._step + 1)
        return self.used()

    def used(self) -> str:
        """The last code again."""
        return self._totp.generate_otp(self._step)


class Person:
    """One browser with one page in front. `troubles` is everything its console complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.troubles: list[str] = []
        self.backup_codes: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        self.page: Page = context.new_page()

    # What goes wrong.

    def expects(self, *patterns: str) -> None:
        """Complaints that belong to this story, such as of a server that was killed."""
        self._expected += patterns

    def surprises(self) -> list[str]:
        """The complaints that do not."""
        return [t for t in self.troubles if not any(re.search(p, t) for p in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self.troubles.append(str(error.error))

    # Coming in.

    def goes(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path if "://" in path else self.address + path)

    def finds_the_room(self, name: str, page: Page | None = None) -> None:
        """From the first page to the room's door."""
        self.goes("/")
        self.page.get_by_role("link", name=f"Come in to {name}").click()
        expect(self.page).to_have_url(re.compile(r"/join$"))

    def fills_in_the_door(self, name: str) -> None:
        """Write a name of one's own and accept the ground rules."""
        self.page.get_by_text("Write a name of my own").click()
        self.page.get_by_label("Your name here").fill(name)
        self.page.get_by_role("checkbox", name="I will keep to these").check()

    def comes_in(self, name: str) -> None:
        """Through the door that is in front of them."""
        self.fills_in_the_door(name)
        self.button("Come in").click()
        expect(self.page).to_have_url(re.compile(r"/live"))

    def joins(self, room: Room, name: str) -> "Person":
        """Come into a room as a member, and wait until the page is alive."""
        self.goes(f"{self.address}/rooms/{room.slug}/join")
        self.comes_in(name)
        self.is_connected()
        return self

    def holds(self, house: House, room: Room, name: str) -> "Person":
        """Come into a room as its facilitator, signed in already."""
        house.facilitator(room.slug, self.context)
        self.goes(f"{self.address}/rooms/{room.slug}/join?as=staff")
        self.comes_in(name)
        self.is_connected()
        return self

    def is_connected(self) -> None:
        """Wait until the script has heard everything up to now."""
        expect(self.page.locator("#messages[data-drawn]")).to_be_attached()

    # Seeing.

    @property
    def messages(self) -> Locator:
        """The messages in the room, without what is still on its way."""
        return self.page.locator("#messages > li > article")

    def said(self) -> list[str]:
        """What was said, as far as it can be read here."""
        return self.page.locator(
            "#messages > li article .msg__words:not([hidden])"
        ).all_inner_texts()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until this can be seen."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def reads(self, text: str) -> None:
        """Wait until this message is in the room."""
        expect(self.page.locator("#messages .msg__words", has_text=text).last).to_be_visible()

    def does_not_see(self, text: str) -> None:
        """This cannot be seen now; ask after something that must have come later."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)

    def everything_shown(self) -> str:
        """All the text on the page that is not hidden, also where one would have to scroll."""
        return str(self.page.evaluate(SHOWN))

    # Doing.

    def button(self, name: str) -> Locator:
        """A button that can be seen, by its words."""
        return self.page.get_by_role("button", name=name, exact=True).filter(visible=True)

    def presses(self, name: str) -> None:
        """Press a button."""
        self.button(name).first.click()

    @property
    def box(self) -> Locator:
        """Where they write."""
        return self.page.locator("#box")

    def says(self, text: str) -> None:
        """Write and send."""
        self.box.fill(text)
        self.presses("Send")

    def tab(self) -> Page:
        """One more tab of the same browser."""
        return self.context.new_page()

    # Holding the room.

    def accepts(self, invitation: str, login: str) -> Phone:
        """Accept an invitation; answers the phone that shows the codes from now on."""
        self.goes(invitation)
        phone = Phone(self.page.locator(".code").inner_text().replace(" ", ""))
        self.page.get_by_label("Sign-in name").fill(login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Six digits").fill(phone.code())
        self.presses("Accept and sign in")
        self.sees("Your backup codes")
        self.backup_codes = self.page.locator(".code").all_inner_texts()
        self.presses("I have written them down")
        self.sees("You hold one room.")
        return phone

    def signs_in(self, login: str, code: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in form and send it."""
        self.goes("/staff")
        self.page.get_by_label("Sign-in name").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_label("Six digits").fill(code)
        self.presses("Sign in")

    def view(self, name: str) -> None:
        """Where the facilitator's controls are: a tab on a phone, always there on a desktop."""
        tab = self.page.locator(".tabs a", has_text=name).filter(visible=True)
        if tab.count():
            tab.click()

    def acts(self, on: str, act: str) -> Locator:
        """Open the sheet of an act on a person; answers it, or the page that stands for it."""
        self.view("People")
        person = self.page.locator('[data-list="people"] > li', has_text=on)
        if not person.locator("details[open]").count():
            person.locator("summary").click()
        person.get_by_role("link", name=re.compile(f"^{act}")).click()
        sheet = self.page.locator("dialog[open], main .sheet__panel")
        expect(sheet).to_be_visible()
        return sheet


Meet = Callable[..., Person]
"""Makes a Person: `meet("phone")`, `meet("desktop", dark=True)`, `meet("phone", script=False)`."""
