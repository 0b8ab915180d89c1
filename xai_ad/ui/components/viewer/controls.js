// The side column: what the chosen panel asks, its sliders, and the labelled scale.

/** What the panel asks and what is known of it; what warns is marked, and only that. */
function fillAbout(root, panel) {
  setText(root.querySelector(".title"), panel.title);
  setText(root.querySelector(".sentence"), panel.sentence);
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

function setSlider(slider, figure, value, words, enabled) {
  slider.value = String(value);
  slider.style.setProperty("--fill", `${value}%`);
  slider.disabled = !enabled;
  slider.setAttribute("aria-valuetext", words);
  slider.closest(".row").dataset.off = String(!enabled);
  setText(figure, enabled ? words : "\u2013");
}

/** Whether a panel shows its changed picture: as it was switched, else as it starts. */
function isChanged(panel, view) {
  return panel.change ? view.changed[panel.change.id] ?? panel.change.shown : false;
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
  setSlider(
    root.querySelector("[data-testid=threshold]"), root.querySelector("#threshold-figure"),
    thresholdOf(view, scale) * 100, formatFigure(scaleValue(scale, thresholdOf(view, scale))), panel.kind === "map",
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
  root.querySelector(".bar").style.background = paletteGradient(signed);
  const blank = root.querySelector(".blank");
  const threshold = thresholdOf(view, scale);
  blank.style.left = signed ? `${(1 - threshold) * 50}%` : "0";
  blank.style.width = `${threshold * 100}%`;
  fillTicks(root.querySelector(".numbers"), scaleTicks(scale, signed));
  const words = signed ? [scale.low, "", scale.high] : [scale.zero, "", scale.high];
  root.querySelectorAll(".words span").forEach((element, index) => setText(element, words[index]));
  setText(root.querySelector(".unit"), scale.unit);
  root.querySelector(".hatched").hidden = panel.kind !== "map" || !isHatched(panel);
}

function fillTicks(numbers, ticks) {
  const told = JSON.stringify(ticks);
  if (numbers.dataset.told === told) return;
  numbers.dataset.told = told;
  numbers.replaceChildren(...ticks.map(({ place, text }) => {
    const figure = makeElement("span", "", text);
    figure.style.left = `${place * 100}%`;
    figure.style.transform = `translateX(${-place * 100}%)`; // the first begins with the bar, the last ends with it
    return figure;
  }));
}

/** An interval in words. */
function intervalWords({ low, high }) {
  return `90\u00a0% sure: ${formatFigure(low)} to ${formatFigure(high)}`;
}

/** Marks a strength on the colour bar; null takes the mark away. */
function markScale(root, strength, signed) {
  const tick = root.querySelector(".tick");
  tick.hidden = strength === null;
  if (strength !== null) tick.style.left = `${(signed ? (strength + 1) / 2 : strength) * 100}%`;
}

function fillZoom(root, zoom) {
  root.dataset.zoom = String(Math.round(zoom * 100) / 100);
  root.dataset.zoomed = String(zoom > 1);
  setText(root.querySelector("#zoom-figure"), `${zoom.toFixed(1)}\u00d7`);
  root.querySelector("[data-testid=zoom-out]").setAttribute("aria-disabled", String(zoom <= 1));
  root.querySelector("[data-testid=zoom-reset]").setAttribute("aria-disabled", String(zoom <= 1));
  root.querySelector("[data-testid=zoom-in]").setAttribute("aria-disabled", String(zoom >= LARGEST_ZOOM));
}
