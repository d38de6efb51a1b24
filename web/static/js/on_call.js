// Being called in this browser: asked for by a tap, and only where the operator has switched it on.

import { registerOffline } from "../offline.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-push]"));

/** Base64url as bytes. @param {string} text */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {SubmitEvent} event */
async function subscribe(event) {
  event.preventDefault();
  const wrong = /** @type {HTMLElement} */ (form?.querySelector("[data-wrong]"));
  try {
    if (!form || !(await registerOffline())) throw new Error("no worker");
    const worker = await navigator.serviceWorker.ready;
    const subscription = await worker.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(form.dataset.push ?? ""),
    });
    const { endpoint, keys } = subscription.toJSON();
    const address = /** @type {HTMLInputElement} */ (form.elements.namedItem("address"));
    address.value = JSON.stringify({ endpoint, ...keys });
    form.submit();
  } catch {
    wrong.hidden = false;
  }
}

if (form && "PushManager" in globalThis) {
  form.hidden = false;
  form.addEventListener("submit", subscribe);
}
