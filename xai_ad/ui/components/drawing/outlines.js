// Outlines, told as polygons of [left, top] in grid pixels: where the evidence is strongest, and the true defect.
// A dark line under a light one is seen on any photo, dark glass included.

const EVIDENCE = { colour: "#ffffff", dash: [] };
const TRUTH = { colour: "#5dff8f", dash: [1, 2.2] };

/** The polygons as one path over `area`. */
function outlinePath(polygons, area, grid) {
  const path = new Path2D();
  for (const polygon of polygons) {
    polygon.forEach(([left, top], index) => {
      const x = area.left + (left / grid.width) * area.width;
      const y = area.top + (top / grid.height) * area.height;
      if (index === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    });
    path.closePath();
  }
  return path;
}

/** How wide a line is on a canvas, in device pixels: thinner on a small panel. */
function lineWeight(context) {
  const ratio = window.devicePixelRatio || 1;
  return Math.max(1.1, Math.min(2, context.canvas.width / ratio / 170)) * ratio;
}

/** Strokes a path twice, dark and wide, then light; of a `fine` style at that share of the weight. */
function strokeOnAnything(context, path, { colour, dash, fine = 1 }, full) {
  const weight = fine * full;
  context.lineJoin = "round";
  context.lineCap = dash.length ? "round" : "butt";
  context.setLineDash([]);
  context.strokeStyle = "rgb(0 0 0 / 0.8)";
  context.lineWidth = 2.4 * weight;
  context.stroke(path);
  context.setLineDash(dash.map((length) => length * 1.6 * weight));
  context.strokeStyle = colour;
  context.lineWidth = 1.2 * weight;
  context.stroke(path);
  context.setLineDash([]);
}

function paintOutlines(context, polygons, style, area, grid) {
  if (polygons.length) strokeOnAnything(context, outlinePath(polygons, area, grid), style, lineWeight(context));
}
