// Keeps Help readable without a connection, and nothing else: never a room, never a word anybody
// wrote. The server puts `const VERSION` above this line; it changes with the numbers, so that a
// new set replaces the old one.

const KEPT = `candlelight-help-${VERSION}`;
const STYLE = "/help/style.css";
const SCRIPT = "/help/script.js";
/** What is asked anew each time, and never kept: whether somebody can be reached now. */
const NEVER = /^\/help\/(on-shift|person$|options\/)/;
const OFFLINE = "/help/offline";
const ALWAYS = ["/help", STYLE, SCRIPT, OFFLINE];
const PATIENCE_MS = 2000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAlways());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname !== "/help" && !url.pathname.startsWith("/help/")) return;
  if (NEVER.test(url.pathname)) return;
  event.respondWith(answer(event, url));
});

async function keepAlways() {
  const cache = await caches.open(KEPT);
  await cache.addAll(ALWAYS.map((path) => new Request(path, { cache: "reload" })));
  await self.skipWaiting();
}

async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith("candlelight-help-") && name !== KEPT);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// The network first, for numbers change; after two seconds, or without one, what was kept. When
// nothing is kept, whatever the network says in the end. The style changes only with the worker:
// what was kept is right, and nobody waits for it twice.
async function answer(event, url) {
  const style = [STYLE, SCRIPT].includes(url.pathname) && (await fromKept(url));
  if (style) return style;
  const fresh = fromNetwork(event, url);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const first = await Promise.race([fresh, late]);
  if (first && first.status < 500) return first;
  return (await fromKept(url)) ?? first ?? (await fresh) ?? Response.error();
}

async function fromNetwork(event, url) {
  let response;
  try {
    response = await fetch(event.request);
  } catch {
    return undefined;
  }
  if (response.ok && !response.redirected && !url.search) {
    const copy = response.clone();
    event.waitUntil(caches.open(KEPT).then((cache) => cache.put(url.pathname, copy)));
  }
  return response;
}

async function fromKept(url) {
  const cache = await caches.open(KEPT);
  const asked = url.searchParams.get("country");
  const path = asked ? `/help/${asked.toUpperCase()}` : url.pathname;
  const kept = await cache.match(path);
  if (kept && path === url.pathname) return kept;
  if (kept) return Response.redirect(path, 303);
  const country = /^\/help\/([A-Za-z]{2})$/.exec(path);
  return country ? Response.redirect(`${OFFLINE}#${country[1].toUpperCase()}`, 303) : undefined;
}
