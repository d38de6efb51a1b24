// Registers the service worker that keeps Help readable without a connection.

const WORKER = "/sw.js";

// Trusted Types: this policy makes one address into a script address, and no other.
const policy = globalThis.trustedTypes?.createPolicy("candlelight-sw", {
  createScriptURL(address) {
    if (address !== WORKER) throw new TypeError("not the address of the service worker");
    return address;
  },
});

/**
 * Registers the worker. A browser without workers, or a page that is not secure, goes without:
 * every page of Help works with a connection alone.
 * @returns {Promise<boolean>} whether Help can now be read without a connection
 */
export async function registerOffline() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL(WORKER) : WORKER, { scope: "/" });
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false;
  }
}
