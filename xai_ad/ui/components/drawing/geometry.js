// Where things lie. All panels have one shape; a point of them is {x, y} in [0, 1], whatever the panel's size, and one
// view {zoom, x, y} (the point at the panel's middle) serves all panels.

const LARGEST_ZOOM = 16;

const NARROWEST = 0.5; // width over height of a panel: a picture beyond these is letterboxed
const WIDEST = 3;

/** Width over height of the panels of a picture that is `aspect` times as wide as high. */
function panelAspect(aspect) {
  return Math.min(Math.max(aspect, NARROWEST), WIDEST);
}

/** The rectangle that a picture fills in a panel of its shape; it is letterboxed where it is too wide or too high. */
function containedRectangle(width, height) {
  const stretched = width / height / panelAspect(width / height); // of a picture in shares of the panel's sides
  const size = { width: Math.min(1, stretched), height: Math.min(1, 1 / stretched) };
  return { left: 0.5 - size.width / 2, top: 0.5 - size.height / 2, ...size };
}

/** The view with its zoom in [1, LARGEST_ZOOM] and nothing beyond the panel's edge in sight. */
function clampView({ zoom, x, y }) {
  const bounded = Math.min(Math.max(zoom, 1), LARGEST_ZOOM);
  const margin = 0.5 / bounded;
  const clamp = (value) => Math.min(Math.max(value, margin), 1 - margin);
  return { zoom: bounded, x: clamp(x), y: clamp(y) };
}

/** From a place on the screen (shares of the panel's sides) to the point shown there. */
function screenToPoint(view, place) {
  return { x: view.x + (place.x - 0.5) / view.zoom, y: view.y + (place.y - 0.5) / view.zoom };
}

/** From a point to its place on the screen. */
function pointToScreen(view, point) {
  return { x: (point.x - view.x) * view.zoom + 0.5, y: (point.y - view.y) * view.zoom + 0.5 };
}

/** The view zoomed by `factor` with the point at `place` kept where it is. */
function zoomedAt(view, place, factor) {
  const point = screenToPoint(view, place);
  const zoom = Math.min(Math.max(view.zoom * factor, 1), LARGEST_ZOOM);
  return clampView({ zoom, x: point.x - (place.x - 0.5) / zoom, y: point.y - (place.y - 0.5) / zoom });
}

/** The view moved with the hand: by (dx, dy) shares of the panel's sides. */
function movedBy(view, dx, dy) {
  return clampView({ zoom: view.zoom, x: view.x - dx / view.zoom, y: view.y - dy / view.zoom });
}

/** The grid cell under a point, {column, row}, or null outside the photo. */
function pointToCell(point, rectangle, grid) {
  const column = Math.floor(((point.x - rectangle.left) / rectangle.width) * grid.width);
  const row = Math.floor(((point.y - rectangle.top) / rectangle.height) * grid.height);
  const inside = column >= 0 && row >= 0 && column < grid.width && row < grid.height;
  return inside ? { column, row } : null;
}

/** The point in the middle of a grid cell. */
function cellToPoint({ column, row }, rectangle, grid) {
  return {
    x: rectangle.left + ((column + 0.5) / grid.width) * rectangle.width,
    y: rectangle.top + ((row + 0.5) / grid.height) * rectangle.height,
  };
}
