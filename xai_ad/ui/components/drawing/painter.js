// Paints one panel: the photo, a layer over exactly its rectangle, its hatch, dashed rectangles, and outlines.

/** Fits the canvas to its size on the screen, in device pixels, and returns its cleared context. */
function preparedContext(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return context;
}

/** The photo's rectangle in device pixels, on whole pixels so that photo and map share their edges. */
function paintedRectangle(canvas, view, rectangle) {
  const start = pointToScreen(view, { x: rectangle.left, y: rectangle.top });
  const end = pointToScreen(view, { x: rectangle.left + rectangle.width, y: rectangle.top + rectangle.height });
  const left = Math.round(start.x * canvas.width);
  const top = Math.round(start.y * canvas.height);
  return {
    left, top,
    width: Math.round(end.x * canvas.width) - left,
    height: Math.round(end.y * canvas.height) - top,
  };
}

/** Draws a picture into `area`. Photos turn crisp once their pixels are large; maps are crisp unless shrunk. */
function paintPicture(context, picture, source, area, crispFrom) {
  const small = picture.small && source === picture.source && area.width <= picture.small.width;
  const used = small ? picture.small : source;
  context.imageSmoothingEnabled = area.width / used.width < crispFrom;
  context.imageSmoothingQuality = "high";
  context.drawImage(used, area.left, area.top, area.width, area.height);
}

const RECTANGLE = { colour: "#35e6ff", dash: [2.6, 1.8] };

/** Dashed rectangles, `boxes` in grid pixels. */
function paintRectangles(context, boxes, area, grid) {
  for (const { left, top, width, height } of boxes) {
    const [right, bottom] = [left + width, top + height];
    const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
    strokeOnAnything(context, outlinePath([corners], area, grid), RECTANGLE, lineWeight(context));
  }
}

/** Paints `picture` over `area`, right of a place alone. */
function paintSwiped(context, picture, area, place, crispFrom) {
  context.save();
  context.beginPath();
  const left = Math.round(place * context.canvas.width);
  context.rect(left, 0, context.canvas.width - left, context.canvas.height);
  context.clip();
  paintPicture(context, picture, picture.source, area, crispFrom);
  context.restore();
}

/** Paints what `layerOf` makes of an explanation over `area`. */
function paintLayer(context, layer, area, grid) {
  const ratio = window.devicePixelRatio || 1;
  context.globalAlpha = layer.opacity;
  if (layer.picture && layer.kind === "map") {
    const coloured = colouredMap(layer.picture, layer.signed, layer.threshold, layer.stretch);
    paintPicture(context, {}, coloured, area, 1);
    if (layer.unsure) paintHatch(context, layer.unsure, area);
  } else if (layer.picture) {
    paintPicture(context, layer.picture, layer.picture.source, area, 4 * ratio);
  }
  context.globalAlpha = 1;
  paintRectangles(context, layer.boxes, area, grid);
}

/**
 * Paints the photo and, over it, `layer`: null, or what `layerOf` makes of an explanation. Its `picture` may be null,
 * `boxes` are the rectangles to outline, and `unsure` is null or the mask to hatch.
 * `marks` are outlines, [{polygons, style}], and `swiped` is null or {picture, place}: another picture right of a place.
 */
function paintPanel(canvas, view, photo, layer, grid, marks = [], swiped = null) {
  const context = preparedContext(canvas);
  if (canvas.width < 2 || !photo) return;
  const area = paintedRectangle(canvas, view, containedRectangle(photo.width, photo.height));
  const ratio = window.devicePixelRatio || 1;
  paintPicture(context, photo, photo.source, area, 3 * ratio);
  if (swiped) paintSwiped(context, swiped.picture, area, swiped.place, 4 * ratio);
  if (layer) paintLayer(context, layer, area, grid);
  for (const { polygons, style } of marks) paintOutlines(context, polygons, style, area, grid);
}
