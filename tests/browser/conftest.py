"""What every browser test may ask for: a browser, houses, and people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.deployment import Deployment
from tests.browser.house import House, Weather
from tests.browser.people import DESKTOP, PHONE, Meet, Person

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
PATIENCE_MS: Final = 10_000
"""How long anything may take to be seen, on a busy machine."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this folder; each person has a context of their own in it."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def weather() -> Iterator[Weather]:
    """Where Leave quickly goes."""
    weather = Weather()
    yield weather
    weather.stop()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, weather: Weather) -> Iterator[House]:
    """A house that many tests share; each founds its own room in it."""
    house = House(tmp_path_factory.mktemp("house"), weather.address)
    yield house
    house.stop()


@pytest.fixture
def own_house(tmp_path: Path, weather: Weather) -> Iterator[House]:
    """A house of one's own, for tests that move its time."""
    house = House(tmp_path, weather.address)
    yield house
    house.stop()


@pytest.fixture
def deployment(tmp_path: Path, weather: Weather) -> Iterator[Deployment]:
    """A server that is started by its command line, and can be killed."""
    deployment = Deployment(tmp_path, weather.address)
    yield deployment
    deployment.stop()


@pytest.fixture
def meet(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Meet]:
    """Makes people with a browser; at the end nothing may have gone wrong in any of their pages.

    The policy of the server is in force, so a style or a script that it forbids is an error here.
    """
    met: list[Person] = []

    def meet(
        device: str = "desktop",
        *,
        at: str = "",
        dark: bool = False,
        script: bool = True,
        **more: Any,
    ) -> Person:
        context = browser.new_context(
            viewport=PHONE if device == "phone" else DESKTOP,  # type: ignore[arg-type]
            has_touch=device == "phone",
            is_mobile=device == "phone",
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="en-GB",
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        address = at or request.getfixturevalue("house").address
        met.append(Person(context, address))
        return met[-1]

    yield meet
    surprises = [trouble for person in met for trouble in person.surprises()]
    for person in met:
        person.context.close()
    assert surprises == []
