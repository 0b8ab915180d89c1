// Where the panels, the side column and the strip stand, and how large the two large panels are. The photo takes what
// width and height allow, with the strip and the row under it still above the fold.

const GAP = 12;
const ABOVE = 164; // the page's own rows over the viewer
const BELOW = 122; // the row with the progress, and the page's margin
const LEAST_SMALL = 101; // a small panel's width
const LEAST_LARGE = 230;

/** A small panel's least width: wide pictures get more, or they would be slits. */
function leastSmall(aspect) {
  return Math.round(LEAST_SMALL * Math.min(Math.max(1, Math.sqrt(aspect)), 1.5));
}

/**
 * How to lay out a viewer of a width in a window of a height, {name, large, side, small}, for panels of an aspect:
 * "wide" has the side column beside the panels, "stacked" below them; on a "phone" all stand in one column.
 */
function layoutOf(width, height, aspect) {
  const small = leastSmall(aspect);
  if (width < 460) return { name: "phone", large: width, side: width, small };
  const free = height - ABOVE - BELOW - GAP - small / aspect;
  if (width >= 640 && aspect <= 1.5) {
    const side = Math.min(Math.max(200, 0.2 * width), 400);
    const large = Math.floor(Math.max(LEAST_LARGE, Math.min((width - side - 2 * GAP) / 2, free * aspect)));
    if (width - 2 * large - 2 * GAP >= 190) return { name: "wide", large, side, small };
  }
  const sideBelow = 190;
  const most = Math.max(280, (aspect > 1.5 ? free - sideBelow : height - 420)) * aspect;
  return { name: "stacked", large: Math.floor(Math.min((width - GAP) / 2, most)), side: width, small };
}

/** Lays out the viewer for where it stands. */
function arrangeViewer(root, aspect) {
  const layout = layoutOf(root.parentElement.clientWidth, window.innerHeight, aspect);
  root.dataset.layout = layout.name;
  root.style.setProperty("--large", `${layout.large}px`);
  root.style.setProperty("--least", `${layout.small}px`);
  root.style.setProperty("--aspect", String(aspect));
}
