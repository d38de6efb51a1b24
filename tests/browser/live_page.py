"""The live room as people use it in a browser: found by what it says, not by how it is built."""

import re
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

PHONE: Final = (360, 740)
DESKTOP: Final = (1280, 800)


class Line:
    """The line between one browser and the server, which a test can cut and mend."""

    def __init__(self, context: BrowserContext) -> None:
        self._down = False
        self._sockets: list[WebSocketRoute] = []
        context.route_web_socket("**/socket", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self._down:
            socket.close()
            return
        socket.connect_to_server()
        self._sockets.append(socket)

    def cut(self) -> None:
        """Lose the connection, and every new one, until it is mended."""
        self._down = True
        while self._sockets:
            self._sockets.pop().close()

    def mend(self) -> None:
        """Let connections through again."""
        self._down = False


class LivePage:
    """One person's live room in a browser of their own."""

    def __init__(
        self, browser: Browser, address: str, size: tuple[int, int] = PHONE, *, script: bool = True
    ) -> None:
        self.address = address
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        self.line = Line(self.context)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    # Coming in.

    def join(self, name: str) -> None:
        """Come in from the home page as a member."""
        self.page.goto(self.address)
        self.page.locator("main a[href^='/rooms/']").first.click()
        self.page.goto(self.page.url.split("#", maxsplit=1)[0].rstrip("/") + "/join")
        self._cross(name)

    def hold(self, link: str, name: str) -> None:
        """Come in as the facilitator of the room, by a link that signs in."""
        self.page.goto(link)
        self._cross(name)

    def _cross(self, name: str) -> None:
        self.page.get_by_text("Write a name of my own").click()
        self.page.get_by_label("Your name here").fill(name)
        rules = self.page.locator("input[name=rules]")
        if rules.count():
            rules.check()
        self.page.get_by_role("button", name="Come in").click()
        self.page.wait_for_url("**/live*")

    # Looking.

    @property
    def box(self) -> Locator:
        """The message box."""
        return self.page.locator("#box")

    @property
    def messages(self) -> Locator:
        """The words of all messages that can be read."""
        return self.page.locator("#messages .msg__words:visible")

    @property
    def unsent(self) -> Locator:
        """Messages of one's own that are not in the room."""
        return self.page.locator("#messages .msg--unsent")

    @property
    def who(self) -> Locator:
        """The sentence that says whose turn it is."""
        return self.page.locator("#who")

    @property
    def notice(self) -> Locator:
        """What the page says about its connection."""
        return self.page.locator("#connection")

    def texts(self) -> list[str]:
        """The words of all messages, in order."""
        return self.messages.all_inner_texts()

    def reads(self, text: str) -> None:
        """Wait until a message is there."""
        expect(self.messages.filter(has_text=text)).to_have_count(1)

    def on_top(self, x: float, y: float) -> str:
        """The class of the link at a point of the window; empty for none."""
        found: str = self.page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('a')?.className ?? ''", [x, y]
        )
        return found

    def level(self) -> None:
        """Wait until the page hears the room: from here on nothing reloads it."""
        expect(self.page.locator("#messages[data-drawn]")).to_be_attached()

    # Doing.

    def say(self, text: str) -> None:
        """Write and send."""
        self.box.fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def press(self, name: str) -> None:
        """Press the one visible button with this name."""
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()

    def go(self, place: str) -> None:
        """Open one of a facilitator's views on a phone."""
        tab = self.page.get_by_role("navigation", name="Facilitator views")
        tab.get_by_role("link", name=re.compile(f"^{place}")).click()

    def act(self, person: str, what: str, reason: str) -> None:
        """Act on a person: the sheet, its reason, and the sheet's own button."""
        row = self.page.locator("#people .person", has_text=person).first
        row.locator("summary").click()
        row.get_by_role("link", name=what).click()
        self.decide(what, reason)

    def decide(self, what: str, reason: str) -> None:
        """Fill in the open sheet and press its button."""
        sheet = self.page.get_by_role("dialog")
        sheet.get_by_label("Reason").fill(reason)
        sheet.get_by_role("button", name=what, exact=True).click()
        expect(sheet).to_have_count(0)

    def close(self) -> None:
        """Close the browser; nothing may have gone wrong in it."""
        self.context.close()
        assert self.faults == []
