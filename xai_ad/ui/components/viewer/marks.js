// What a person switches on over the pictures: outlines of the evidence, the true defect, and the comparison with the
// reconstruction. A switch that was never touched follows the data.

/** Listens to the switches; `changed` is called after each, and told whether it was that of the evidence. */
function watchMarks(root, view, data, changed) {
  const on = (name, press) => {
    root.querySelector(`[data-testid=${name}]`).addEventListener("click", () => {
      press();
      changed(name === "outlines-toggle");
    });
  };
  on("outlines-toggle", () => { view.outlined = !isOutlined(view, data()); });
  on("truth-toggle", () => { view.truth = !isTruthShown(view, data()); });
  on("swipe-toggle", () => { view.swiped = view.swiped === null ? 0.5 : null; });
}

/** Shows which of the switches there are and which are on. */
function fillMarks(root, shown, view, data) {
  const fill = (name, exists, pressed) => {
    const button = root.querySelector(`[data-testid=${name}]`);
    button.hidden = !exists;
    button.setAttribute("aria-pressed", String(pressed));
  };
  fill("outlines-toggle", Boolean(shown?.outlines?.length), isOutlined(view, data));
  fill("truth-toggle", Boolean(data.truth), isTruthShown(view, data));
  fill("swipe-toggle", Boolean(reconstructionOf(data)), view.swiped !== null);
}

/** The panel that the photo is compared with, where it is ready. */
function reconstructionOf(data) {
  return data.panels.find((panel) => panel.id === data.compared && panel.layer) ?? null;
}
