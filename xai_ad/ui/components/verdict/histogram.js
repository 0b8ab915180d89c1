// The calibration histogram in multiples of the limit: counts of normal and abnormal scores, the limit, and this score.

const TOP = 8; // CSS pixels over the tallest bar
const BASE = 66; // the base line; triangle and value stand under it, and the ends under those
const ENDS = 104;
const BAR_SHARE = 0.86; // of its bin's width

function makeShape(name, className, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  element.setAttribute("class", className);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.textContent = text;
  return element;
}

/** The axis: the bins' range, widened so that the limit and what it may as well be are always on it. */
function axisRange(bins, limit, interval) {
  const start = Math.min(bins[0]?.start ?? 0, limit, interval?.[0] ?? limit);
  const end = Math.max(bins.at(-1)?.end ?? limit * 2, limit, Math.min(interval?.[1] ?? limit, limit * 6));
  const margin = (end - start || 1) * 0.06;
  return { start: start === limit ? start - margin : start, end: end === limit ? end + margin : end };
}

/** Two bars a bin, the abnormal one standing on the normal one. */
function makeBars(bins, position) {
  const tallest = Math.max(1, ...bins.map((bin) => bin.normal + bin.abnormal));
  const unit = (BASE - TOP) / tallest;
  return bins.flatMap((bin) => {
    const left = position(bin.start);
    const width = (position(bin.end) - left) * BAR_SHARE;
    const bar = (className, from, count) => makeShape("rect", className, {
      x: `${left}%`, width: `${width}%`, y: BASE - (from + count) * unit, height: count * unit,
    });
    return [bar("normal", 0, bin.normal), bar("abnormal", bin.normal, bin.abnormal)].filter(
      (shape) => Number(shape.getAttribute("height")) > 0,
    );
  });
}

/** The score's triangle under the base line with its value; beyond the axis an arrow at its edge. */
function makeMark(score, range, position) {
  const beyond = Math.sign(Math.max(score - range.end, 0) + Math.min(score - range.start, 0));
  const place = Math.min(Math.max(position(score), 0), 100);
  const up = "M0 1 L6.5 12 L-6.5 12 Z";
  const right = "M0 7 L-11 0.5 L-11 13.5 Z";
  const left = "M0 7 L11 0.5 L11 13.5 Z";
  const holder = makeShape("svg", "", { x: `${place}%`, y: BASE + 1, overflow: "visible" });
  holder.append(makeShape("path", "mark", { d: beyond > 0 ? right : beyond < 0 ? left : up }));
  const anchor = place > 88 ? "end" : place < 12 ? "start" : "middle";
  const shift = { end: beyond ? -15 : 8, start: beyond ? 15 : -8, middle: 0 }[anchor];
  const height = beyond ? 11 : 23;
  const words = `${formatFigure(score)}\u00d7`;
  holder.append(makeShape("text", "value", { x: shift, y: height, "text-anchor": anchor }, words));
  return holder;
}

/** A multiple of the limit as an axis has it: 6x, 0.54x. */
function formatEnd(value) {
  return `${Number(value.toPrecision(2))}\u00d7`;
}

/** What the axis' two ends stand for. */
function makeEnds(bins, range) {
  const last = `${formatEnd(range.end)}${bins.at(-1)?.open ? " and more" : ""}`;
  return [
    makeShape("text", "end", { x: 0, y: ENDS }, `${formatEnd(range.start)} the limit`),
    makeShape("text", "end", { x: "100%", y: ENDS, "text-anchor": "end" }, last),
  ];
}

/** Draws the whole histogram into `svg`; places are percentages, so that it follows the card's width. */
function drawHistogram(svg, { bins, score, limit, interval }) {
  const range = axisRange(bins, limit, interval);
  const position = (value) => ((value - range.start) / (range.end - range.start)) * 100;
  const line = position(limit);
  const left = line > 80; // the word would leave the chart
  const word = makeShape("svg", "", { x: `${line}%`, y: 0, overflow: "visible" });
  word.append(makeShape("text", "", { x: left ? -5 : 5, y: 9, "text-anchor": left ? "end" : "start" }, "limit"));
  const [low, high] = (interval ?? [limit, limit]).map((value) => Math.min(position(value), 100));
  svg.replaceChildren(
    makeShape("rect", "beyond", { x: `${line}%`, width: `${100 - line}%`, y: 0, height: BASE }),
    makeShape("rect", "unsure", { x: `${low}%`, width: `${high - low}%`, y: 0, height: BASE }),
    ...makeBars(bins, position),
    makeShape("line", "base", { x1: "0", x2: "100%", y1: BASE, y2: BASE }),
    makeShape("line", "line", { x1: `${line}%`, x2: `${line}%`, y1: 0, y2: BASE }),
    word,
    makeMark(score, range, position),
    ...makeEnds(bins, range),
  );
}
