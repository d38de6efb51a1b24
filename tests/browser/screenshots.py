"""The pictures of the tour in the README, taken of the demo with a real browser.

`./dev screenshots` writes them to `docs/images`. A facilitator holds the demo's room at the size of
a desktop, a member comes in at the size of a phone, and everything in between is the real thing.
"""

import argparse
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

IMAGES: Final = Path("docs/images")
CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS: Final = 60.0
"""How long the demo may take to say where it is."""
FEWEST_MESSAGES: Final = 3
"""So many things have been said before the room is worth a picture."""
PATIENCE_SECONDS: Final = 90
LOOK_AGAIN_MS: Final = 3_000


class Demo(NamedTuple):
    """Where a running demo is, and where its facilitator signs in."""

    address: str
    facilitator: str


@contextmanager
def running_demo() -> Iterator[Demo]:
    """A demo on a free port, stopped again at the end. Raises RuntimeError when it does not start.

    It is told to stop when it is silent for too long, so reading its lines always ends.
    """
    command = [sys.executable, "-m", "server", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        too_late = threading.Timer(START_SECONDS, process.terminate)
        too_late.start()
        try:
            yield Demo(_address(process), _address(process))
        finally:
            too_late.cancel()
            process.terminate()


def _address(process: "subprocess.Popen[str]") -> str:
    """The address at the end of the next line that the demo prints."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError("The demo did not start.")
    return line.split()[-1]


def phone(browser: Browser) -> BrowserContext:
    """A small phone, as sharp as phones are."""
    return browser.new_context(
        viewport={"width": 360, "height": 740},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
        locale="en-GB",
    )


def desktop(browser: Browser) -> BrowserContext:
    """A laptop."""
    return browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-GB"
    )


def come_in(page: Page) -> None:
    """Keep the first suggested name, accept the ground rules, and come in."""
    page.locator("input[name=rules]").check()
    page.locator("form button", has_text="Come in").click()
    page.wait_for_url("**/live*")


def wait_for_talk(page: Page) -> None:
    """Wait until enough has been said. Raises TimeoutError when the room stays silent."""
    for _ in range(PATIENCE_SECONDS * 1000 // LOOK_AGAIN_MS):
        if page.locator("#messages > li article").count() >= FEWEST_MESSAGES:
            return
        page.wait_for_timeout(LOOK_AGAIN_MS)
    raise TimeoutError("Too little was said in the demo's room.")


def take(demo: Demo, browser: Browser, folder: Path) -> None:
    """Walk through the tour and write its pictures."""
    guest = phone(browser).new_page()
    guest.goto(demo.address)

    guest.get_by_role("link", name="Come in").first.click()
    guest.wait_for_url("**/join")
    guest.screenshot(path=folder / "tour-door.png")
    come_in(guest)

    holder = desktop(browser).new_page()
    holder.goto(demo.facilitator)
    come_in(holder)

    wait_for_talk(guest)
    guest.get_by_role("button", name="Raise hand").click()
    guest.get_by_role("button", name="Lower hand").wait_for()
    guest.screenshot(path=folder / "tour-member.png")
    wait_for_talk(holder)
    holder.screenshot(path=folder / "tour-facilitator.png")

    guest.goto(f"{demo.address}/help/US")
    guest.screenshot(path=folder / "tour-help.png")


def main() -> None:
    """Write the pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="./dev screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to write them")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        take(demo, browser, folder)
        browser.close()
    for picture in sorted(folder.glob("tour-*.png")):
        print(picture)


if __name__ == "__main__":
    main()
