// Shapes on a photograph: corners [left, top] in its pixels. Nothing here knows the page.

const within = (value, most) => Math.min(Math.max(value, 0), most);

/** A point that lies on the photograph, with a tenth of a pixel's precision. */
function onPhoto({ width, height }, [left, top]) {
  return [within(left, width), within(top, height)].map((value) => Math.round(10 * value) / 10);
}

/** The rectangle between two opposite corners. */
function rectangleOf([left, top], [right, bottom]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** What a polygon encloses, in square pixels. */
function areaOf(corners) {
  let twice = 0;
  corners.forEach(([left, top], index) => {
    const [nextLeft, nextTop] = corners[(index + 1) % corners.length];
    twice += left * nextTop - nextLeft * top;
  });
  return Math.abs(twice) / 2;
}

function distance([left, top], [otherLeft, otherTop]) {
  return Math.hypot(left - otherLeft, top - otherTop);
}

/** Corners without those that repeat the one before. */
function withoutRepeats(corners) {
  return corners.filter((corner, index) => index === 0 || distance(corner, corners[index - 1]) > 0);
}
