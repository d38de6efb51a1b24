// Getting about with keys, and a page that fits above the keyboard of a phone.

const REGIONS = ["strip", "messages", "dock", "circle", "people", "meeting"];
/** Where the focus goes inside of a region; to the region itself elsewhere. @type {Record<string, string>} */
const INSIDE = { messages: "article[tabindex='0']", dock: "textarea" };

export function armKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "F6" && !document.querySelector("dialog[open]")) goRound(event);
    else if (event.key === "Escape" && location.hash === "#circle") location.hash = "#main";
  });
  fit();
}

/** F6 goes round: what is happening, messages, the box, the people. @param {KeyboardEvent} event */
function goRound(event) {
  const regions = REGIONS.map((id) => document.getElementById(id)).filter((r) => r?.checkVisibility());
  const at = regions.findIndex((region) => region?.contains(document.activeElement));
  const step = event.shiftKey ? regions.length - 1 : 1;
  const next = regions[(Math.max(at, 0) + (at < 0 ? 0 : step)) % regions.length];
  const inner = next && INSIDE[next.id] ? next.querySelector(INSIDE[next.id]) : null;
  const target = inner?.checkVisibility() ? inner : next;
  /** @type {HTMLElement | null} */ (target)?.focus();
  event.preventDefault();
}

/** iOS covers the page with its keyboard and tells nobody but the visual viewport. */
function fit() {
  const seen = globalThis.visualViewport;
  seen?.addEventListener("resize", () => {
    // A pinch zooms and is no keyboard.
    if (seen.scale === 1) document.documentElement.style.setProperty("--seen", `${seen.height}px`);
  });
}
