// The hatch of "not sure": diagonal lines over segments of whose value not even the sign is known.
// It stays where the threshold hides the map: a value near nothing may still be one that is not known.

const HATCH_LINES = 26; // across a panel's side, whatever the zoom
const HATCH_LEAST = 7; // the least distance of two lines, in CSS pixels
const HATCH_WEIGHT = 0.13; // the dark line's share of that distance; the light one beside it takes as much
const HATCH_DARK = 0.55;
const HATCH_LIGHT = 0.6;

/** Whether anything of a panel is to be hatched. */
function isHatched(panel) {
  return Boolean(panel.segments?.unsure?.some(Boolean));
}

/** The label of each pixel of a ready layer of segments, row by row, read once. */
function segmentLabels(picture) {
  if (!picture.labels) {
    const { width, height } = picture;
    const pixels = picture.source.getContext("2d").getImageData(0, 0, width, height).data;
    picture.labels = Uint16Array.from(
      { length: width * height }, (_, index) => pixels[index * 4] + 256 * pixels[index * 4 + 1],
    );
  }
  return picture.labels;
}

/** A canvas that is opaque where the segments are not sure. Only the last intervals' is kept. */
function unsureMask(picture, segments) {
  if (picture.maskOf !== segments) {
    const { width, height } = picture;
    const pixels = new ImageData(width, height);
    segmentLabels(picture).forEach((label, index) => {
      if (segments.unsure[label]) pixels.data[index * 4 + 3] = 255;
    });
    picture.mask ??= document.createElement("canvas");
    picture.mask.width = width;
    picture.mask.height = height;
    picture.mask.getContext("2d").putImageData(pixels, 0, 0);
    picture.maskOf = segments;
  }
  return picture.mask;
}

/** The square that the hatch repeats: a dark and a light line, side by side, seen on any colour. */
function hatchTile(step) {
  const weight = Math.max(1, Math.round(step * HATCH_WEIGHT));
  const pixels = new ImageData(step, step);
  for (let index = 0; index < step * step; index += 1) {
    const place = ((index % step) + Math.floor(index / step)) % step;
    if (place < weight) pixels.data.set([0, 0, 0, Math.round(255 * HATCH_DARK)], index * 4);
    else if (place < 2 * weight) pixels.data.set([255, 255, 255, Math.round(255 * HATCH_LIGHT)], index * 4);
  }
  const tile = document.createElement("canvas");
  tile.width = step;
  tile.height = step;
  tile.getContext("2d").putImageData(pixels, 0, 0);
  return tile;
}

const hatchScratch = document.createElement("canvas");

/** Hatches what `mask` covers, laid over `area`; the lines move with the picture. */
function paintHatch(context, mask, area) {
  const { width, height } = context.canvas;
  const ratio = window.devicePixelRatio || 1;
  const step = Math.max(Math.round(HATCH_LEAST * ratio), Math.round(Math.max(width, height) / HATCH_LINES));
  hatchScratch.width = width; // which also clears it
  hatchScratch.height = height;
  const scratch = hatchScratch.getContext("2d");
  const pattern = scratch.createPattern(hatchTile(step), "repeat");
  pattern.setTransform(new DOMMatrix().translate(area.left % step, area.top % step));
  scratch.fillStyle = pattern;
  scratch.fillRect(0, 0, width, height);
  scratch.globalCompositeOperation = "destination-in";
  scratch.imageSmoothingEnabled = false;
  scratch.drawImage(mask, area.left, area.top, area.width, area.height);
  context.drawImage(hatchScratch, 0, 0);
}
