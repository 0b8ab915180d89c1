// The tools over the grid: what is changed there holds for every cell.

/** Listens to the tools of a grid; `grid` has root, view, data, refresh(), setView(view) and tell(name, value). */
function watchTools(grid) {
  const { root, view } = grid;
  const find = (name) => root.querySelector(`[data-testid=${name}]`);
  find("zoom-in").addEventListener("click", () => grid.setView(zoomedAt(view, MIDDLE, 1.5)));
  find("zoom-out").addEventListener("click", () => grid.setView(zoomedAt(view, MIDDLE, 1 / 1.5)));
  find("zoom-reset").addEventListener("click", () => grid.setView({ zoom: 1, ...MIDDLE }));
  find("opacity").addEventListener("input", (event) => {
    view.opacity.map = event.target.valueAsNumber / 100;
    grid.refresh();
  });
  // Python hears where a slider was left, not every step: files are made as the screen was.
  find("opacity").addEventListener("change", () => grid.tell("opacity", { ...view.opacity }));
  find("outlines-toggle").addEventListener("click", () => {
    view.outlined = !anyOutlined(grid);
    grid.refresh();
    grid.tell("outlined", view.outlined);
  });
  find("truth-toggle").addEventListener("click", () => {
    view.truth = !anyTruth(grid);
    grid.refresh();
  });
  // The page's shortcuts (left, right) must not fire while a slider or a button is in use.
  root.querySelector(".tools").addEventListener("keydown", (event) => event.stopPropagation());
}

/** Whether any evidence that there is is outlined: pressed, the switch takes all outlines away. */
function anyOutlined({ data, view }) {
  return data.rows.some((row) => isOutlined(view, row) && row.cells.some((cell) => cell.outlines?.length));
}

function anyTruth({ data, view }) {
  return data.rows.some((row) => isTruthShown(view, row));
}

/** Writes the tools: those that no cell has use for are out of sight. */
function fillTools(grid) {
  const { root, view, data } = grid;
  const opacity = Math.round(view.opacity.map * 100);
  setSlider(
    root.querySelector("[data-testid=opacity]"), root.querySelector("#opacity-figure"),
    opacity, `${opacity}\u00a0%`, true,
  );
  fillThresholds(grid);
  const press = (name, exists, pressed) => {
    const button = root.querySelector(`[data-testid=${name}]`);
    button.hidden = !exists;
    button.setAttribute("aria-pressed", String(pressed));
  };
  press("outlines-toggle", data.rows.some((row) => row.cells.some((cell) => cell.outlines?.length)), anyOutlined(grid));
  setText(root.querySelector("[data-testid=truth-toggle]"), data.rows.find((row) => row.truth)?.truth.label ?? "");
  press("truth-toggle", data.rows.some((row) => row.truth), anyTruth(grid));
  fillChanges(grid);
  root.querySelector(".hatched").hidden = !data.rows.some((row) => row.cells.some(isHatched));
  fillZoom(root, view.zoom);
}

/** One "hide below" for each scale, named after the methods that have it where there are several. */
function fillThresholds(grid) {
  const { root, view, data, shared } = grid;
  const titles = titlesByScale(data);
  const rows = arrangeElements(root.querySelector(".thresholds"), [...shared.keys()], (id) => {
    const row = fromTemplate(root, "threshold");
    const slider = row.querySelector("input");
    slider.dataset.testid = `threshold-${id}`;
    slider.addEventListener("input", () => {
      view.starts[id] = scaleValue(grid.shared.get(id), slider.valueAsNumber / 100);
      grid.refresh();
    });
    slider.addEventListener("change", () => grid.tell("start", { ...view.starts }));
    return row;
  });
  for (const [id, row] of rows) {
    const scale = shared.get(id);
    const of = (titles.get(id) ?? []).join(", ");
    setText(row.querySelector(".of"), rows.size > 1 ? `Hide below: ${of}` : "Hide below");
    row.title = `Hide what is weaker, of ${of} (${scale.unit})`;
    setThreshold(row.querySelector("input"), row.querySelector(".figure"), scale, scaleStrength(scale, startOf(view, scale)), true);
  }
}

/** A switch for each kind of changed picture. */
function fillChanges(grid) {
  const { root, view, data } = grid;
  const changes = new Map();
  for (const { change } of data.rows.flatMap((row) => row.cells)) if (change) changes.set(change.id, change);
  const buttons = arrangeElements(root.querySelector(".changes"), [...changes.keys()], (id) => {
    const button = makeElement("button", "plain");
    button.type = "button";
    button.dataset.testid = `change-${id}`;
    button.addEventListener("click", () => {
      view.changed[id] = button.getAttribute("aria-pressed") !== "true";
      grid.refresh();
    });
    return button;
  });
  for (const [id, button] of buttons) {
    setText(button, changes.get(id).label);
    button.setAttribute("aria-pressed", String(isChanged({ change: changes.get(id) }, view)));
  }
}
