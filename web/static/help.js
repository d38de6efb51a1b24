// The one thing on Help that is not always true: whether somebody of this place can be reached now.
// The page as it is kept for later never says so; this asks each time, and without an answer says nothing.

const place = document.querySelector("[data-person]");

async function ask() {
  const answer = await fetch("/help/on-shift", { cache: "no-store" });
  place.hidden = !answer.ok || (await answer.text()) !== "yes";
}

if (place) ask().catch(() => { place.hidden = true; });
