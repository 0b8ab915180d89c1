// The keyboard: one cell at a time is in the order of Tab, arrows move between them.

const PAN = 0.15; // what Shift and an arrow move the pictures by, as a share of their sides

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The cell that a key leads to from the one at [row, column] of `lines`, rows of elements; undefined for other keys. */
function cellAt(lines, [row, column], { key, ctrlKey }) {
  const step = STEPS[key];
  const last = (line) => line.length - 1;
  if (key === "Home") return ctrlKey ? lines[0][0] : lines[row][0];
  if (key === "End") return ctrlKey ? lines.at(-1).at(-1) : lines[row].at(-1);
  if (!step || ctrlKey) return undefined;
  const line = lines[Math.min(Math.max(row + step[0], 0), last(lines))];
  return line[Math.min(Math.max(column + step[1], 0), last(line))];
}

/** Listens to the keys of a grid; `grid` has root, view, lines(), current, setView(view), open(id). */
function watchKeys(grid) {
  const table = grid.root.querySelector(".table");
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (!cell || event.metaKey || event.altKey) return;
    if (!onCellKey(grid, cell, event)) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere on the page, left and right step through the samples
  });
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (cell) setCurrent(grid, cell);
  });
}

/** Does what a key asks for on a cell; returns whether it was one of ours. */
function onCellKey(grid, cell, event) {
  const step = STEPS[event.key];
  const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
  const onCell = event.target === cell;
  if (["Enter", " "].includes(event.key)) {
    if (onCell && cell.dataset.id) grid.open(cell.dataset.id);
    return onCell;
  }
  if (factor && !event.ctrlKey) grid.setView(zoomedAt(grid.view, MIDDLE, factor));
  else if (event.key === "0" && !event.ctrlKey) grid.setView({ zoom: 1, ...MIDDLE });
  else if (step && event.shiftKey) grid.setView(movedBy(grid.view, -step[1] * PAN, -step[0] * PAN));
  else {
    const lines = grid.lines();
    const row = lines.findIndex((line) => line.includes(cell));
    const next = row < 0 ? undefined : cellAt(lines, [row, lines[row].indexOf(cell)], event);
    if (!next) return false;
    next.focus();
  }
  return true;
}

/** Puts one cell, and its button, into the order of Tab. */
function setCurrent(grid, cell) {
  grid.current = cell;
  for (const other of grid.lines().flat()) {
    other.tabIndex = other === cell ? 0 : -1;
    const button = other.querySelector(".act");
    if (button) button.tabIndex = other.tabIndex;
  }
}
