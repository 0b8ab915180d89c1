// The side column: what the chosen panel asks, its sliders, and the labelled scale.

/** How far the panel's explanation can be trusted; the figures behind it stay open, or closed, from panel to panel. */
function fillTrust(root, trust) {
  const details = root.querySelector(".trust");
  details.hidden = !trust;
  const told = JSON.stringify(trust ?? null);
  if (details.dataset.told === told) return;
  details.dataset.told = told;
  details.dataset.warns = String(Boolean(trust?.warns));
  const summary = details.querySelector("summary");
  summary.replaceChildren(...(trust?.warns ? [makeElement("span", "hidden", "Warning: ")] : []), trust?.line ?? "");
  const rows = (trust?.figures ?? []).flatMap(([name, value]) => [makeElement("dt", "", name), makeElement("dd", "", value)]);
  details.querySelector("dl").replaceChildren(...rows);
}

/** What the panel asks and what is known of it; what warns is marked, and only that. */
function fillAbout(root, panel) {
  setText(root.querySelector(".title"), panel.title);
  setText(root.querySelector(".sentence"), panel.sentence);
  fillTrust(root, panel.trust);
  const failed = ["stopped", "failed"].includes(panel.state) && panel.message;
  const notes = [...(failed ? [{ text: panel.message, warns: true }] : []), ...(panel.notes ?? [])];
  const list = root.querySelector(".notes");
  const told = JSON.stringify(notes);
  if (list.dataset.told === told) return;
  list.dataset.told = told;
  list.replaceChildren(...notes.map(({ text, warns }) => {
    const item = makeElement("li", warns ? "warns" : "");
    if (warns) item.append(makeElement("span", "hidden", "Warning: "));
    item.append(text);
    return item;
  }));
}

/** From which strength on a scale's maps are drawn: where a person put it, else where the scale starts. */
function thresholdOf(view, scale) {
  return view.thresholds[scale.id] ?? scaleStrength(scale, scale.start);
}

/** Opacity, "hide below" and the changed picture's switch, as far as the chosen panel has them. */
function fillSliders(root, panel, view, scale) {
  const opacity = view.opacity[panel.kind];
  const hasLayer = panel.kind !== "rectangles" || isChanged(panel, view);
  setSlider(
    root.querySelector("[data-testid=opacity]"), root.querySelector("#opacity-figure"),
    Math.round(opacity * 100), `${Math.round(opacity * 100)}\u00a0%`, hasLayer,
  );
  setThreshold(
    root.querySelector("[data-testid=threshold]"), root.querySelector("#threshold-figure"),
    scale, thresholdOf(view, scale), panel.kind === "map",
  );
  const rectangles = panel.kind === "rectangles";
  root.querySelector("#change-row").hidden = !panel.rectangles?.length;
  root.querySelector("#threshold-row").hidden = rectangles;
  const toggle = root.querySelector("[data-testid=change-toggle]");
  toggle.checked = isChanged(panel, view);
  if (panel.change) setText(root.querySelector("#change-words"), panel.change.label);
}

/** The colour bar with its numbers and words; the part under the threshold is blanked out. */
function fillScale(root, panel, view, scale) {
  root.querySelector(".scale").dataset.off = String(panel.kind !== "map");
  const signed = Boolean(panel.signed);
  fillBar(root, scale, signed, thresholdOf(view, scale));
  const words = signed ? [scale.low, "", scale.high] : [scale.zero, "", scale.high];
  root.querySelectorAll(".words span").forEach((element, index) => setText(element, words[index]));
  setText(root.querySelector(".unit"), scale.unit);
  root.querySelector(".hatched").hidden = panel.kind !== "map" || !isHatched(panel);
}
