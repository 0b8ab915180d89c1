// Rectangles of one ratio within a photo, {left, top, width, height} in its pixels. Nothing here knows the page.

const clampTo = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

/** The width that a rectangle may have at most, and must have at least. */
function widthLimits({ width, height, ratio, least }) {
  const most = Math.min(width, height * ratio);
  return { least: Math.min(least * Math.max(1, ratio), most), most };
}

/** The nearest rectangle of the ratio that lies in the photo. */
function heldIn(photo, { left, top, width }) {
  const limits = widthLimits(photo);
  const wide = clampTo(width, limits.least, limits.most);
  const high = wide / photo.ratio;
  return {
    left: clampTo(left, 0, photo.width - wide),
    top: clampTo(top, 0, photo.height - high),
    width: wide,
    height: high,
  };
}

function movedRectangle(photo, rectangle, right, down) {
  return heldIn(photo, { ...rectangle, left: rectangle.left + right, top: rectangle.top + down });
}

/** Larger or smaller about its middle. */
function scaledRectangle(photo, rectangle, factor) {
  const width = clampTo(rectangle.width * factor, widthLimits(photo).least, widthLimits(photo).most);
  return heldIn(photo, {
    left: rectangle.left + (rectangle.width - width) / 2,
    top: rectangle.top + (rectangle.height - width / photo.ratio) / 2,
    width,
  });
}

/** From a corner that stays towards a point: as large as the farther of its two sides asks for, within the photo. */
function spannedRectangle(photo, corner, point) {
  const right = point.x >= corner.x;
  const down = point.y >= corner.y;
  const room = Math.min(
    right ? photo.width - corner.x : corner.x,
    (down ? photo.height - corner.y : corner.y) * photo.ratio,
  );
  const asked = Math.max(Math.abs(point.x - corner.x), Math.abs(point.y - corner.y) * photo.ratio);
  const width = Math.max(Math.min(asked, room), widthLimits(photo).least);
  const height = width / photo.ratio;
  return heldIn(photo, { left: right ? corner.x : corner.x - width, top: down ? corner.y : corner.y - height, width });
}

/** Whole pixels, within the photo, as Python takes them: [top, left, height, width]. */
function wholePixels(photo, rectangle) {
  const width = Math.round(rectangle.width);
  const height = Math.min(Math.round(rectangle.width / photo.ratio), photo.height);
  const left = clampTo(Math.round(rectangle.left), 0, photo.width - width);
  const top = clampTo(Math.round(rectangle.top), 0, photo.height - height);
  return [top, left, height, width];
}
