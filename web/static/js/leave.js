// Leave quickly: the page goes blank, this browser is covered, and another page takes its place.
//
// Everything here happens within one turn of the event loop and waits for nothing. Without script
// the same link leads to /leave, which sets the same cookie.

import { t } from "./language.js";

const PRESSES = 3;
const WITHIN_MS = 5000;
const COVER = "cover=1; path=/; SameSite=Lax";

/** Tells the other tabs of this browser; its name says nothing. */
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("notes") : null;

let leaving = false;

/**
 * Leaves at once. Whoever holds a socket or words on this page hears the event "candlelight:leave"
 * on the window and lets go of them.
 */
export function leave() {
  disappear();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = COVER + secure;
  tabs?.postMessage("covered");
  globalThis.dispatchEvent(new Event("candlelight:leave"));
  // Replaced, so that Back does not return to this page; the pages before it are covered.
  location.replace(document.body.dataset.exit ?? "/leave");
}

/** Arms the links, the three presses of Shift, and the way back from the browser's memory. */
export function armLeaving() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.leave") : null;
    if (!link) return;
    event.preventDefault();
    leave();
  });
  armShift();
  tabs?.addEventListener("message", () => becomeCovered());
  addEventListener("pageshow", (event) => {
    if (leaving || (event.persisted && isCovered())) becomeCovered();
  });
}

/** Counts Shift pressed alone. As part of a capital letter or a shortcut it does not count. */
function armShift() {
  let count = 0;
  let alone = false;
  let last = 0;
  const say = announcer();

  const forget = () => {
    if (count) say("");
    count = 0;
    alone = false;
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") forget();
    else if (!event.repeat) alone = !(event.ctrlKey || event.altKey || event.metaKey);
  }, true);
  addEventListener("pointerdown", forget, true);
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    const now = performance.now();
    count = now - last <= WITHIN_MS ? count + 1 : 1;
    last = now;
    if (count >= PRESSES) leave();
    else if (count === 2) say(t("Shift, press 1 more time to leave"));
    else say(t("Shift, press 2 more times to leave"));
  }, true);
}

/**
 * A place for one short sentence to those who listen to the page.
 * @returns {(sentence: string) => void}
 */
function announcer() {
  const place = document.createElement("div");
  place.className = "vh";
  place.setAttribute("role", "status");
  document.body.append(place);
  return (sentence) => {
    // All but an open dialog is silent to a screen reader, so the sentence moves into it.
    const home = document.querySelector("dialog[open]") ?? document.body;
    if (place.parentElement !== home) home.append(place);
    place.textContent = sentence;
  };
}

/** Nothing of this page can be seen from here on, not even its name. */
function disappear() {
  leaving = true;
  document.documentElement.dataset.leaving = "";
  document.title = document.body.dataset.neutralTitle ?? "";
  const icon = document.querySelector("link[rel=icon]");
  if (icon && document.body.dataset.neutralIcon) {
    icon.setAttribute("href", document.body.dataset.neutralIcon);
  }
  const notice = document.createElement("p");
  notice.className = "away";
  notice.setAttribute("role", "alert");
  notice.textContent = t("Loading.");
  document.documentElement.append(notice);
}

/** This tab was covered by another one, or came back after it left: the server's neutral page. */
function becomeCovered() {
  if (!leaving) disappear();
  globalThis.dispatchEvent(new Event("candlelight:leave"));
  location.replace("/");
}

function isCovered() {
  return document.cookie.split("; ").includes("cover=1");
}
