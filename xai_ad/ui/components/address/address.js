// The address says all of what the page shows, and the page shows what the address says.

const SETTLED = 500; // ms: a change of the address may be on its way when the page that follows it is already here
const SAID = 2000; // ms

/** Asks the page for what the address says now: as the browser's Back does. */
function askAnew() {
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Corrects the address where the page read it and shows something else; where it has changed since, asks anew. */
function reconcile(data) {
  const [shown, read] = [new URLSearchParams(data.query), new URLSearchParams(data.read)];
  const asked = new URLSearchParams(window.location.search);
  const names = [...shown.keys()];
  if (names.every((name) => asked.get(name) === shown.get(name))) return;
  if (names.some((name) => asked.get(name) !== read.get(name))) {
    askAnew();
    return;
  }
  const wrong = names.some((name) => asked.has(name) && asked.get(name) !== shown.get(name));
  for (const name of names) asked.set(name, shown.get(name));
  window.history.replaceState(window.history.state, "", `${window.location.pathname}?${asked}`);
  if (wrong) askAnew(); // else the page would read the wrong one again, and report it again
}

async function copy(button) {
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(window.location.href);
    label.textContent = "Copied";
  } catch { // without https or permission
    label.textContent = "Copy it from the address bar";
  }
  setTimeout(() => { label.textContent = "Copy link"; }, SAID);
}

const timers = new WeakMap();

export default function address({ data, parentElement }) {
  const button = parentElement.querySelector(".copy");
  button.onclick = () => copy(button);
  clearTimeout(timers.get(button));
  timers.set(button, setTimeout(() => reconcile(data), SETTLED));
}
