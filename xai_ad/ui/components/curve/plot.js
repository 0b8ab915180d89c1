// The drawing of a clip's curve: axis, shaded stretches, limit, line, cursor.

const MARGIN = { left: 46, right: 12, top: 12, bottom: 22 }; // CSS pixels
const FOOT = 4; // of the bar under an abnormal stretch: it is seen without its colour, too
const LEAST_STRETCH = 2;

function makeSvg(name, className, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  element.setAttribute("class", className);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.textContent = text;
  return element;
}

/** Round values of an axis: about so many, between two ends. */
function roundTicks(low, high, about) {
  const step = (high - low) / Math.max(about, 1);
  const size = 10 ** Math.floor(Math.log10(step || 1));
  const nice = [1, 2, 5, 10].find((each) => each * size >= step) * size;
  const ticks = [];
  for (let tick = Math.ceil(low / nice) * nice; tick <= high + nice * 1e-6; tick += nice) ticks.push(tick);
  return ticks;
}

/** Where frames and values lie in a plot of some size. */
class Axes {
  constructor(width, height, frames, values) {
    this.width = width;
    this.height = height;
    this.frames = frames;
    this.values = values;
    this.across = (width - MARGIN.left - MARGIN.right) / Math.max(frames.last - frames.first, 1);
    this.down = (height - MARGIN.top - MARGIN.bottom) / (values.high - values.low || 1);
  }

  x(frame) {
    return MARGIN.left + (frame - this.frames.first) * this.across;
  }

  y(value) {
    return this.height - MARGIN.bottom - (Math.min(Math.max(value, this.values.low), this.values.high) - this.values.low) * this.down;
  }

  frameAt(x) {
    return Math.round(this.frames.first + (x - MARGIN.left) / this.across);
  }
}

function drawAxes(axes) {
  const shapes = [];
  for (const value of roundTicks(axes.values.low, axes.values.high, Math.max(2, axes.height / 45))) {
    const y = axes.y(value);
    shapes.push(makeSvg("line", "grid", { x1: MARGIN.left, x2: axes.width - MARGIN.right, y1: y, y2: y }));
    const words = `${Number(value.toPrecision(6))}${axes.values.unit}`;
    shapes.push(makeSvg("text", "", { x: MARGIN.left - 7, y: y + 4, "text-anchor": "end" }, words));
  }
  for (const frame of roundTicks(axes.frames.first, axes.frames.last, axes.width / 110)) {
    if (!Number.isInteger(frame)) continue;
    const near = axes.x(frame) > axes.width - 30;
    const at = { x: axes.x(frame), y: axes.height - 5, "text-anchor": near ? "end" : "middle" };
    shapes.push(makeSvg("text", "", at, frame.toLocaleString("en")));
  }
  return shapes;
}

/** The shaded stretches: at least so wide that one of them is seen in a clip of hours. */
function drawStretches(axes, stretches) {
  const top = MARGIN.top;
  const bottom = axes.height - MARGIN.bottom;
  return stretches.flatMap(([first, last]) => {
    const width = Math.max((last - first + 1) * axes.across, LEAST_STRETCH);
    const x = axes.x(first) - Math.min(axes.across / 2, width / 2);
    return [
      makeSvg("rect", "stretch", { x, width, y: top, height: Math.max(bottom - top, 0) }),
      makeSvg("rect", "stretch-foot", { x, width, y: bottom - FOOT, height: FOOT }),
    ];
  });
}

/** The line, broken where frames are missing between two points. */
function drawSeries(axes, { numbers, values }, runs) {
  let path = "";
  let run = -1;
  let alone = [];
  numbers.forEach((number, place) => {
    let now = run;
    while (now + 1 < runs.length && runs[now + 1][0] <= number) now += 1;
    const point = `${axes.x(number).toFixed(1)} ${axes.y(values[place]).toFixed(1)}`;
    path += `${now !== run ? "M" : "L"}${point}`;
    if (runs[now] && runs[now][0] === runs[now][1]) {
      alone.push(makeSvg("circle", "alone", { cx: axes.x(number), cy: axes.y(values[place]), r: 2 }));
    }
    run = now;
  });
  return [makeSvg("path", "series", { d: path }), ...alone];
}

function drawLimit(axes, limit) {
  const y = axes.y(limit);
  return [
    makeSvg("line", "limit", { x1: MARGIN.left, x2: axes.width - MARGIN.right, y1: y, y2: y }),
    makeSvg("text", "limit-word", { x: axes.width - MARGIN.right - 4, y: y - 5, "text-anchor": "end" }, "limit"),
  ];
}
