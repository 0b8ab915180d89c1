// The strip of small panels, and what a panel says in place of its picture.

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

/** Makes the strip show `panels` in order; elements stay with their panel's id. Returns {id: element}. */
function arrangeStrip(strip, template, panels, made) {
  strip.style.setProperty("--count", String(Math.max(panels.length, 1)));
  return arrangeElements(strip, panels.map((panel) => panel.id), (id) => {
    const element = template.content.firstElementChild.cloneNode(true);
    element.dataset.testid = `panel-${id}`;
    made(element, id);
    return element;
  });
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
