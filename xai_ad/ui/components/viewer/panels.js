// The elements of a panel: what lies over its canvas, and the strip of small ones.

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text; // an equal text must not be announced again
}

function makeElement(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** What a panel says in place of its picture: "" when the picture speaks for itself. A chosen one was clicked already. */
function stateWords(panel, chosen) {
  const percent = `${Math.round(Math.min(Math.max(panel.progress ?? 0, 0), 1) * 100)}\u00a0%`;
  switch (panel.state) {
    case "idle": return chosen ? "Waiting" : "Click to compute";
    case "waiting": return "Waiting";
    case "running": return percent;
    case "stopped": return panel.message || "Stopped";
    case "failed": return panel.message || "Failed";
    default: return "";
  }
}

/** Covers a panel that has no picture with `words` and, given a `progress` in [0, 1], a bar. Without words the cover goes. */
function setVeil(veil, words, progress = null) {
  veil.hidden = !words;
  if (!veil.firstChild) {
    veil.append(makeElement("span", "message"), makeElement("span", "progress"));
    veil.lastChild.append(makeElement("span", ""));
  }
  const [text, bar] = veil.children;
  setText(text, words);
  bar.hidden = progress === null;
  if (progress !== null) bar.firstChild.style.width = `${Math.min(Math.max(progress, 0), 1) * 100}%`;
}

/** Places a panel's marker at `place` (shares of its sides), or hides it. */
function setCross(cross, place) {
  const inside = place && place.x >= 0 && place.y >= 0 && place.x <= 1 && place.y <= 1;
  cross.hidden = !inside;
  if (!inside) return;
  cross.style.left = `${place.x * 100}%`;
  cross.style.top = `${place.y * 100}%`;
}

/** Makes the strip show `panels` in order; elements stay with their panel's id. Returns {id: element}. */
function arrangeStrip(strip, template, panels, made) {
  const known = new Map([...strip.children].map((element) => [element.dataset.id, element]));
  const elements = new Map();
  panels.forEach((panel, index) => {
    let element = known.get(panel.id);
    if (!element) {
      element = template.content.firstElementChild.cloneNode(true);
      element.dataset.id = panel.id;
      element.dataset.testid = `panel-${panel.id}`;
      made(element, panel.id);
    }
    known.delete(panel.id);
    if (strip.children[index] !== element) strip.insertBefore(element, strip.children[index] ?? null);
    elements.set(panel.id, element);
  });
  known.forEach((element) => element.remove());
  strip.style.setProperty("--count", String(Math.max(panels.length, 1)));
  return elements;
}

/** Writes a small panel's state: its words, its name for screen readers, whether it is the chosen one. */
function labelSmallPanel(element, panel, chosen, words) {
  setText(element.querySelector(".chip"), panel.label);
  setText(element.querySelector(".noise"), panel.noise ?? "");
  element.querySelector(".noise").hidden = !panel.noise || Boolean(words);
  element.title = panel.noise ? `${panel.title}: ${panel.noise}` : panel.title;
  element.dataset.state = panel.state;
  element.setAttribute("aria-checked", String(chosen));
  element.setAttribute("aria-label", [panel.title, panel.noise, words].filter(Boolean).join(": "));
  element.tabIndex = chosen ? 0 : -1;
}
