"""What must be true of every view, in every state and at every size."""

from importlib import resources
from typing import Any, Final, NamedTuple

from playwright.sync_api import Page

AXE: Final = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
"""WCAG 2.0 to 2.2, levels A and AA, by the names of axe's tags."""

RUN: Final = """async (tags) => {
  const { violations } = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html} (${any.map((each) => each.message)})`));
}"""

SIDEWAYS: Final = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page");
  const layer = document.querySelector("dialog[open]") ?? document.body;
  for (const element of layer.querySelectorAll("*")) {
    const { overflowX } = getComputedStyle(element);
    const scrolls = overflowX === "auto" || overflowX === "scroll";
    if (scrolls && element.checkVisibility() && element.scrollWidth > element.clientWidth + 1) {
      found.push(element.outerHTML.slice(0, 120));
    }
  }
  return found;
}"""

ON_TOP: Final = """(selector) => {
  const layer = document.querySelector("dialog[open]") ?? document;
  const link = layer.querySelector(selector);
  if (!link) return `no ${selector}`;
  const { left, top, width, height } = link.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  if (!hit || !link.contains(hit)) return `${selector} lies under ${hit?.outerHTML.slice(0, 120)}`;
  return width >= 44 && height >= 44 ? "" : `${selector} is ${width} by ${height}`;
}"""

IN_SIGHT: Final = """(selector) => {
  const element = document.querySelector(selector);
  const { left, right, top, bottom } = element.getBoundingClientRect();
  if (top < 0 || left < 0 || bottom > innerHeight || right > innerWidth) {
    return `${selector} is at ${left},${top} to ${right},${bottom} of ${innerWidth},${innerHeight}`;
  }
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return element.contains(hit) ? "" : `${selector} lies under ${hit?.outerHTML.slice(0, 120)}`;
}"""


class Size(NamedTuple):
    """A window, and whether the light is on. `axe` where contrast or layout differ for real."""

    name: str
    width: int
    height: int
    dark: bool
    axe: bool


SIZES: Final = [
    Size("phone, light", 360, 740, dark=False, axe=True),
    Size("desktop, dark", 1280, 800, dark=True, axe=True),
    Size("small phone", 320, 640, dark=False, axe=False),
    Size("phone with its keyboard open", 360, 300, dark=False, axe=False),
    Size("desktop at 400 %", 320, 256, dark=True, axe=True),
]

DRAWN: Final = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"


def accessible(page: Page) -> list[str]:
    """What axe finds against WCAG; nothing, if all is well."""
    page.evaluate(AXE + "; undefined")
    return list(page.evaluate(RUN, WCAG))


def sideways(page: Page) -> list[str]:
    """Everything that would have to be scrolled sideways."""
    return list(page.evaluate(SIDEWAYS))


def safety(page: Page) -> list[str]:
    """What is wrong with Leave quickly and Help now: covered, missing, or too small for a thumb."""
    found: list[Any] = [page.evaluate(ON_TOP, f".safety a.{name}") for name in ("leave", "helpnow")]
    return [why for why in found if why]


def in_sight(page: Page, selector: str) -> str:
    """Why something cannot be seen whole without scrolling; empty if it can."""
    return str(page.evaluate(IN_SIGHT, selector))


def stands_everywhere(page: Page, state: str, *, composer: bool) -> None:
    """All that must be true of a view, at every size; every fault is told at once."""
    faults: list[str] = []
    for size in SIZES:
        page.set_viewport_size({"width": size.width, "height": size.height})
        page.emulate_media(color_scheme="dark" if size.dark else "light", reduced_motion="reduce")
        page.evaluate(
            "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )
        found = [f"scrolls sideways: {what}" for what in sideways(page)]
        found += safety(page)
        if size.height == 300 and composer:
            found += [why for why in [in_sight(page, "#box")] if why]
        if size.axe:
            found += accessible(page)
        faults += [f"{state}, {size.name}: {fault}" for fault in found]
    assert faults == []
