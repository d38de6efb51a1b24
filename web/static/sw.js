// Keeps Help readable without a connection: never a room, never a word anybody wrote. And it wakes
// staff who asked to be called in this browser. The server puts `const VERSION` above this line; it
// changes with the numbers, so that a new set replaces the old one.

const KEPT = `candlelight-help-${VERSION}`;
const STYLE = "/help/style.css";
/** What is asked anew each time, and never kept: it depends on the hour and on who is on duty. */
const NEVER = /^\/help\/(person$|options\/)/;
const OFFLINE = "/help/offline";
const ALWAYS = ["/help", STYLE, OFFLINE];
/** On an answer that offers a person of this place: true now, and perhaps not later. */
const OFFERS_PERSON = "candlelight-person";
const PATIENCE_MS = 2000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepAlways());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder());
});

// A call to somebody on call. The screen of a phone shows two neutral words, whoever looks at it.
self.addEventListener("push", (event) => {
  const { title, link } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { tag: "call", renotify: true, data: { link } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.link));
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
  await Promise.all(ALWAYS.map((path) => keepFresh(cache, path)));
  await self.skipWaiting();
}

/** Keeps a page as it is true at any hour. */
async function keepFresh(cache, path) {
  const response = await fetch(`${path}?kept`, { cache: "reload" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await cache.put(path, response);
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
  const style = url.pathname === STYLE && (await fromKept(url));
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
    const keep = response.headers.has(OFFERS_PERSON)
      ? async (cache) => keepFresh(cache, url.pathname)
      : async (cache) => cache.put(url.pathname, copy);
    event.waitUntil(caches.open(KEPT).then(keep).catch(() => undefined));
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
