// Where the panels, the side column and the strip stand, and how large the two large panels are. The photo takes what
// width and height allow, with the strip and the row under it still above the fold.

const GAP = 12;
const ABOVE = 164; // the page's own rows over the viewer
const BELOW = 122; // the row with the progress, and the page's margin
const LEAST_SMALL = 101; // a small panel's width
const LEAST_LARGE = 230;
const SIDE_BELOW = 190; // the side column's height below the panels, in two columns
const STACKED_GAIN = 1.15; // so many times as large a photo is worth going below it for what is said of it

/** A small panel's least width: wide pictures get more, or they would be slits. */
function leastSmall(aspect) {
  return Math.round(LEAST_SMALL * Math.min(Math.max(1, Math.sqrt(aspect)), 1.5));
}

/**
 * How to lay out a viewer of a width in a window of a height, {name, large, small}, for panels of an aspect: "wide"
 * has the side column beside the panels, "stacked" below them, where that makes the photo much larger; on a "phone" all
 * stand in one column. `large` and `small` are the panels' widths.
 */
function layoutOf(width, height, aspect) {
  const small = leastSmall(aspect);
  if (width < 460) return { name: "phone", large: width, small };
  const free = height - ABOVE - BELOW - GAP - small / aspect;
  const side = Math.min(Math.max(200, 0.2 * width), 400);
  const beside = Math.floor(Math.min((width - side - 2 * GAP) / 2, free * aspect));
  const over = Math.floor(Math.min((width - GAP) / 2, (free - SIDE_BELOW) * aspect));
  if (width >= 640 && beside * STACKED_GAIN >= over) return { name: "wide", large: Math.max(LEAST_LARGE, beside), small };
  return { name: "stacked", large: Math.max(Math.min(280, (width - GAP) / 2), over), small };
}

/** Lays out the viewer for where it stands. */
function arrangeViewer(root, aspect) {
  const layout = layoutOf(root.parentElement.clientWidth, window.innerHeight, aspect);
  root.dataset.layout = layout.name;
  root.style.setProperty("--large", `${layout.large}px`);
  root.style.setProperty("--least", `${layout.small}px`);
  root.style.setProperty("--aspect", String(aspect));
}
