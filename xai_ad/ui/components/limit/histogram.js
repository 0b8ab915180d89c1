// The histogram of a set's scores: normal ones stand on the line, abnormal ones hang from it, each half by its own count.
// What the limit gets wrong is drawn full, what it gets right is faint: a handle only moves the border between the two.

const SPACE = { left: 10, right: 10, top: 26, bottom: 24 }; // CSS pixels
const BINS = { least: 20, most: 56 };
const NARROWEST = 1.6; // an axis spans at least this ratio to either side of the limit

function makeShape(name, className, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  element.setAttribute("class", className);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.textContent = text;
  return element;
}

/**
 * An axis of multiples of the limit by their ratios, so that half of it and twice it lie equally far from it. It is cut into
 * bins one of which ends at the limit in force: what stands to either side of it is then what it does.
 */
class RatioAxis {
  constructor(scored, raw, width) {
    const every = [...scored.normal, ...scored.abnormal];
    const positive = every.filter((score) => score > 0);
    const low = Math.log(Math.min(positive.reduce((least, score) => Math.min(least, score), raw) / raw, 1 / NARROWEST));
    const high = Math.log(Math.max(positive.reduce((most, score) => Math.max(most, score), raw) / raw, NARROWEST));
    const bins = Math.min(Math.max(Math.round(2 * Math.sqrt(every.length)), BINS.least), BINS.most);
    this.step = (high - low) / bins;
    this.before = Math.ceil(-low / this.step) + 1; // bins below the limit; the first one has room for scores of nothing
    this.bins = this.before + Math.ceil(high / this.step) + 1;
    this.low = -this.before * this.step;
    this.high = (this.bins - this.before) * this.step;
    this.width = width;
    this.scale = (width - SPACE.left - SPACE.right) / (this.high - this.low);
  }

  /** The bin of a ratio to the limit; what equals the limit passes, and so stands below it. */
  bin(times) {
    const place = times > 0 ? Math.ceil(Math.log(times) / this.step + this.before) - 1 : 0;
    return Math.min(Math.max(place, 0), this.bins - 1);
  }

  get least() {
    return Math.exp(this.low);
  }

  get most() {
    return Math.exp(this.high);
  }

  x(times) {
    const place = times > 0 ? Math.log(times) : this.low;
    return SPACE.left + (Math.min(Math.max(place, this.low), this.high) - this.low) * this.scale;
  }

  timesAt(x) {
    return Math.exp(this.low + (x - SPACE.left) / this.scale);
  }

  ticks() {
    const found = [];
    const digits = this.high - this.low > 2 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 3, 4, 5, 6, 7, 8];
    for (let size = 10 ** Math.floor(this.low / Math.LN10); size <= this.most; size *= 10) {
      for (const digit of digits) {
        const tick = Number((size * digit).toPrecision(3));
        const words = `${tick.toLocaleString("en", { maximumSignificantDigits: 3 })}\u00d7`;
        const x = this.x(tick);
        if (tick >= this.least && tick <= this.most && (!found.length || x - found.at(-1).x > 16 + 7 * words.length)) found.push({ words, x });
      }
    }
    return found;
  }
}

/** The counts of raw scores in the axis' bins. */
function countBins(scores, axis, raw) {
  const bins = new Array(axis.bins).fill(0);
  for (const score of scores) bins[axis.bin(score / raw)] += 1;
  return bins;
}

/** The bars of both kinds, drawn twice: what is right, faint, and what is wrong, each clipped at the limit. */
function drawHistogram(svg, scored, axis, raw, height) {
  const room = height - SPACE.top - SPACE.bottom;
  const share = scored.abnormal.length === 0 ? 1 : scored.normal.length === 0 ? 0 : 0.5; // of the height that normal ones have
  const base = SPACE.top + room * share;
  const step = axis.step * axis.scale;
  const bars = (bins, up, high) => {
    const tallest = Math.max(...bins, 1);
    return bins.flatMap((found, place) => {
      const size = (found / tallest) * high;
      if (!found) return [];
      const x = SPACE.left + place * step + 0.5;
      return [`M${x.toFixed(1)} ${base}h${(step - 1).toFixed(1)}v${(up ? -size : size).toFixed(1)}h${(1 - step).toFixed(1)}z`];
    }).join("");
  };
  const normal = bars(countBins(scored.normal, axis, raw), true, room * share - 4);
  const abnormal = bars(countBins(scored.abnormal, axis, raw), false, room * (1 - share) - 4);
  const clip = (name) => {
    const path = makeShape("clipPath", "", { id: name });
    path.append(makeShape("rect", name, { y: 0, height }));
    return path;
  };
  svg.setAttribute("viewBox", `0 0 ${axis.width} ${height}`);
  svg.replaceChildren(
    clip("below"), clip("above"), hatches(),
    makeShape("rect", "flagged", { y: SPACE.top, height: room }),
    makeShape("path", "bar normal right", { d: normal, "clip-path": "url(#below)" }),
    makeShape("path", "bar normal wrong", { d: normal, "clip-path": "url(#above)" }),
    makeShape("path", "bar abnormal right", { d: abnormal, "clip-path": "url(#above)" }),
    makeShape("path", "bar abnormal wrong", { d: abnormal, "clip-path": "url(#below)" }),
    makeShape("line", "base", { x1: SPACE.left, x2: axis.width - SPACE.right, y1: base, y2: base }),
    ...axis.ticks().map(({ words, x }) => makeShape("text", "tick", { x, y: height - 7, "text-anchor": "middle" }, words)),
    makeShape("line", "active", { x1: axis.x(1), x2: axis.x(1), y1: SPACE.top, y2: height - SPACE.bottom }),
    makeShape("line", "line", { y1: SPACE.top - 4, y2: height - SPACE.bottom }),
    makeShape("text", "value", { y: 14 }),
  );
}

/** What wrong bars are filled with: stripes, so that they are told apart without their colour. */
function hatches() {
  const found = makeShape("defs", "");
  for (const name of ["normal", "abnormal"]) {
    const pattern = makeShape("pattern", "", { id: `${name}-wrong`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(makeShape("rect", `ground ${name}`, { width: 6, height: 6 }), makeShape("rect", `stripe ${name}`, { width: 3, height: 6 }));
    found.append(pattern);
  }
  return found;
}

/** Moves the border between what passes and what is flagged. */
function moveLimit(svg, axis, times) {
  const x = axis.x(times);
  const set = (selector, attributes) => {
    const element = svg.querySelector(selector);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    return element;
  };
  set("rect.below", { x: 0, width: x });
  set("rect.above", { x, width: Math.max(axis.width - x, 0) });
  set(".flagged", { x, width: Math.max(axis.width - SPACE.right - x, 0) });
  set(".line", { x1: x, x2: x });
  const nearEnd = x > axis.width - 60 ? "end" : x < 60 ? "start" : "middle";
  set(".value", { x, "text-anchor": nearEnd }).textContent = `${formatFigure(times)}\u00d7`;
  return x;
}
