// Colours of a map: one table of 256 RGBA entries a palette, so that recolouring is a lookup.

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

/** Opacity grows with this power of the strength. */
const FADE = 0.45;

/** The colour of a strength, [0, 1] or [-1, 1], as [red, green, blue]. */
function strengthColour(strength, signed) {
  return signed ? paletteColour(DIVERGING, (strength + 1) / 2) : paletteColour(SEQUENTIAL, strength);
}

/**
 * RGBA of each level's high byte. Alpha grows with the strength; both bytes beside a signed map's middle mean nothing.
 * `of` a level's own strength is the one that is drawn.
 */
function colourTable(signed, of = (strength) => strength) {
  const table = new Uint8ClampedArray(256 * 4);
  for (let high = 0; high < 256; high += 1) {
    const middle = signed && (high === 127 || high === 128);
    const strength = of(middle ? 0 : signed ? high / 127.5 - 1 : high / 255);
    table.set([...strengthColour(strength, signed), 255 * Math.abs(strength) ** FADE], high * 4);
  }
  return table;
}

/** The scale's colours as a CSS gradient from left to right, linear in their strength. */
function paletteGradient(signed) {
  const strengths = Array.from({ length: 41 }, (_, index) => (signed ? index / 20 - 1 : index / 40));
  const colours = strengths.map((strength) => `rgb(${strengthColour(strength, signed).join(" ")})`);
  return `linear-gradient(90deg, ${colours.join(", ")})`;
}
