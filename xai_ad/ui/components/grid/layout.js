// How wide the headings and the cells are, for the grid's width and the window's height.

const CELL_GAP = 8;
const LEAST_CELL = 120;
const CUT = 0.4; // of a cell is in sight where the next ones are not
const LARGEST_CELL = 640;
const NARROW = 560; // below it a model's heading stands over its cells, not beside them
const AROUND = 300; // what stands over and under a row of cells

/** {heading, cell} widths for `count` columns of pictures that are `aspect` times as wide as high; no heading: 0. */
function gridLayout(width, height, count, aspect) {
  const least = Math.round(LEAST_CELL * Math.min(Math.max(1, Math.sqrt(aspect)), 1.5));
  const tallest = Math.max(200, height - AROUND) * aspect; // one row of cells is in sight as a whole
  const heading = width < NARROW ? 0 : Math.round(Math.min(Math.max(112, 0.13 * width), 200));
  const gaps = CELL_GAP * (heading ? count : count - 1);
  const share = Math.floor((width - heading - gaps) / count);
  if (share >= least) return { heading, cell: Math.round(Math.max(least, Math.min(share, tallest, LARGEST_CELL))) };
  // Not all are in sight: the last of those that are is cut, so that nobody takes it for the last there is.
  const free = width - heading - (heading ? CELL_GAP : 0);
  const whole = Math.max(1, Math.floor((free + CELL_GAP) / (least + CELL_GAP) - CUT));
  return { heading, cell: Math.floor((free - CELL_GAP * whole) / (whole + CUT)) };
}

/** Where what sticks to the top of the window may begin: under the page's own header. */
function headerHeight() {
  const header = document.querySelector("[data-testid=stHeader]");
  return header ? Math.max(0, header.getBoundingClientRect().bottom) : 0;
}

/** Lays out the grid for where it stands. */
function arrangeGrid(root, count, aspect) {
  const width = root.parentElement.clientWidth;
  const { heading, cell } = gridLayout(width, window.innerHeight, count, aspect);
  const tools = root.querySelector(".tools");
  root.dataset.layout = heading ? "beside" : "over";
  for (const [name, value] of Object.entries({
    "--width": width, "--heading": heading, "--cell": cell, "--under": headerHeight(), "--tools": tools.offsetHeight,
  })) root.style.setProperty(name, `${value}px`);
  root.style.setProperty("--count", String(count));
}

/** Moves the columns' headings with the rows, and says at which sides columns are out of sight. */
function followSideways(root) {
  const rows = root.querySelector(".rows");
  root.querySelector(".heads").scrollLeft = rows.scrollLeft;
  root.dataset.before = String(rows.scrollLeft > 2);
  root.dataset.after = String(rows.scrollLeft + rows.clientWidth < rows.scrollWidth - 2);
}
