// Paints one panel: the photo, a layer over exactly its rectangle, its hatch, and dashed rectangles.

/** Fits the canvas to its size on the screen, in device pixels, and returns its cleared context. */
function preparedContext(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const side = Math.max(1, Math.round(canvas.clientWidth * ratio));
  if (canvas.width !== side || canvas.height !== side) {
    canvas.width = side;
    canvas.height = side;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side);
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

/** Dashed outlines, light on dark: seen on any photo. `boxes` are in grid pixels. */
function paintRectangles(context, boxes, area, grid) {
  const ratio = window.devicePixelRatio || 1;
  const weight = Math.max(1.3, Math.min(2, context.canvas.width / ratio / 130)) * ratio;
  for (const box of boxes) {
    const outline = new Path2D();
    outline.rect(
      area.left + (box.left / grid.width) * area.width,
      area.top + (box.top / grid.height) * area.height,
      (box.width / grid.width) * area.width,
      (box.height / grid.height) * area.height,
    );
    context.setLineDash([]);
    context.strokeStyle = "rgb(0 0 0 / 0.8)";
    context.lineWidth = 2.4 * weight;
    context.stroke(outline);
    context.setLineDash([5 * weight, 3.5 * weight]);
    context.strokeStyle = "#35e6ff";
    context.lineWidth = 1.2 * weight;
    context.stroke(outline);
  }
  context.setLineDash([]);
}

/**
 * Paints the photo and, over it, `layer`: null, or {kind, picture, signed, threshold, opacity, boxes, unsure}, where
 * `picture` may be null, `boxes` are the rectangles to outline, and `unsure` is null or the mask to hatch.
 */
function paintPanel(canvas, view, photo, layer, grid) {
  const context = preparedContext(canvas);
  if (canvas.width < 2 || !photo) return;
  const area = paintedRectangle(canvas, view, containedRectangle(photo.width, photo.height));
  const ratio = window.devicePixelRatio || 1;
  paintPicture(context, photo, photo.source, area, 3 * ratio);
  if (!layer) return;
  if (layer.picture) {
    context.globalAlpha = layer.opacity;
    if (layer.kind === "map") {
      const coloured = colouredMap(layer.picture, layer.signed, layer.threshold);
      paintPicture(context, {}, coloured, area, 1);
      if (layer.unsure) paintHatch(context, layer.unsure, area);
    } else {
      paintPicture(context, layer.picture, layer.picture.source, area, 4 * ratio);
    }
    context.globalAlpha = 1;
  }
  paintRectangles(context, layer.boxes, area, grid);
}
