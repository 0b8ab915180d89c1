// The address says all of what the page shows, and the page shows what the address says.

const SETTLED = 500; // ms: a change of the address may be on its way when the page that follows it is already here
const SAID = 2000; // ms

let went = null; // where Back or Forward led, until the page follows

window.addEventListener("popstate", (event) => {
  if (event.isTrusted) went = window.location.search;
});

/** Asks the page for what the address says now: as the browser's Back does. */
function askAnew() {
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function isAtRest() {
  const app = document.querySelector("[data-testid=stApp]");
  return (app?.dataset.testScriptState ?? "notRunning") === "notRunning";
}

function sorted(query) {
  const entries = [...new URLSearchParams(query)].filter(([name]) => !name.startsWith("embed"));
  return new URLSearchParams(entries.sort()).toString();
}

/**
 * Writes what the page shows into the address, as it was when the page said so: one that changed since is newer. Where
 * a person went there and the page does not follow, the question was lost among others.
 */
function reconcile(data, before) {
  const { pathname, search } = window.location;
  if (search !== before) return;
  const hasGone = went === search;
  went = null;
  if (sorted(search) === sorted(data.query)) return;
  if (hasGone) {
    askAnew();
    return;
  }
  const query = new URLSearchParams(data.query);
  for (const [name, value] of new URLSearchParams(search)) if (name.startsWith("embed")) query.append(name, value);
  window.history.replaceState(window.history.state, "", `${pathname}?${query}`);
  if (data.has_wrong) askAnew(); // else the page would read the wrong value again, and report it again
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

/** Waits until the page is at rest: while it is at work, the address or the page is about to change. */
function reconcileAtRest(button, data, before) {
  clearTimeout(timers.get(button));
  timers.set(button, setTimeout(() => {
    if (!button.isConnected) return;
    if (isAtRest()) reconcile(data, before);
    else reconcileAtRest(button, data, before);
  }, SETTLED));
}

export default function address({ data, parentElement }) {
  const button = parentElement.querySelector(".copy");
  button.onclick = () => copy(button);
  reconcileAtRest(button, data, window.location.search);
}
