// Colours of a map: one table of 256 RGBA entries per (palette, threshold), so that recolouring is a lookup.

/** Magma: ordered in lightness, hence readable in grey and by colour-blind eyes. */
const SEQUENTIAL = [
  "#000004", "#180f3d", "#440f76", "#721f81", "#9e2f7f", "#cd4071", "#f1605d", "#fd9668", "#feca8d", "#fcfdbf",
].map(parseHex);

/** Blue through pale to orange-red: no pair of these is confused in any common colour blindness. */
const DIVERGING = ["#1450e0", "#2f80ff", "#74b4ff", "#ececea", "#ffb257", "#ff851c", "#e03400"].map(parseHex);

function parseHex(text) {
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}

/** The palette's colour at `position` in [0, 1], as [red, green, blue]. */
function paletteColour(stops, position) {
  const place = Math.min(Math.max(position, 0), 1) * (stops.length - 1);
  const lower = Math.min(Math.floor(place), stops.length - 2);
  const share = place - lower;
  return stops[lower].map((channel, index) => Math.round(channel + (stops[lower + 1][index] - channel) * share));
}

/** The signed share of the scale's limit that a grey level stands for: [0, 1], or [-1, 1] of a signed map. */
function greyToShare(grey, signed) {
  if (!signed) return grey / 255;
  // 255 steps have no middle: the two levels beside it both mean "nothing".
  return grey === 127 || grey === 128 ? 0 : grey / 127.5 - 1;
}

/** Powers of the magnitude: a region's even share of the score is small beside a pixel's peak, and must be seen. */
const EMPHASIS = 0.5;
const FADE = 0.4;

/** The colour of a share of the limit, [0, 1] or [-1, 1], as [red, green, blue]. */
function shareColour(share, signed) {
  const strength = Math.sign(share) * Math.abs(share) ** EMPHASIS;
  return signed ? paletteColour(DIVERGING, (strength + 1) / 2) : paletteColour(SEQUENTIAL, strength);
}

/** RGBA of each grey level. Alpha grows with the magnitude; under `threshold` (a share of the limit) it is 0. */
function colourTable(signed, threshold) {
  const table = new Uint8ClampedArray(256 * 4);
  for (let grey = 0; grey < 256; grey += 1) {
    const share = greyToShare(grey, signed);
    const size = Math.abs(share);
    const alpha = size === 0 || size < threshold ? 0 : 255 * size ** FADE;
    table.set([...shareColour(share, signed), alpha], grey * 4);
  }
  return table;
}

/** The scale's colours as a CSS gradient from left to right, linear in the map's values. */
function paletteGradient(signed) {
  const shares = Array.from({ length: 41 }, (_, index) => (signed ? index / 20 - 1 : index / 40));
  return `linear-gradient(90deg, ${shares.map((share) => `rgb(${shareColour(share, signed).join(" ")})`).join(", ")})`;
}
