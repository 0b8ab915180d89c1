// The losses of a training, epoch by epoch, on a logarithmic scale: what it is to have done stands on the axis from the start.

const EDGE = { left: 62, right: 10, top: 8, bottom: 20 }; // CSS pixels

function shape(name, className, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  element.setAttribute("class", className);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.textContent = text;
  return element;
}

/** Powers of ten, and 2 and 5 times them where there are few, between two values. */
function logTicks(low, high) {
  const ticks = [];
  const few = Math.log10(high / low) < 2;
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const times of few ? [1, 2, 5] : [1]) {
      const tick = times * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function epochTicks(last) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((each) => last / each <= 8) ?? 10000;
  const ticks = [];
  for (let tick = step; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}

class Losses {
  constructor(root) {
    this.root = root;
    this.plot = root.querySelector(".plot");
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  update({ data }) {
    this.data = data;
    this.root.querySelector("figcaption").textContent = data.caption;
    this.plot.setAttribute("aria-label", data.words);
    this.root.dataset.epochs = String(data.epochs.length);
    this.draw();
  }

  draw() {
    const svg = this.plot.querySelector("svg");
    const { width, height } = this.plot.getBoundingClientRect();
    if (!this.data || width < 80 || height < 60) return;
    const { epochs, training, validation, planned, best } = this.data;
    const values = [...training, ...validation].filter((value) => value > 0);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const low = values.length ? Math.min(...values) / 1.15 : 1e-3;
    const high = values.length ? Math.max(...values) * 1.15 : 1;
    const x = (epoch) => EDGE.left + ((width - EDGE.left - EDGE.right) * epoch) / Math.max(planned, 1);
    const y = (value) => EDGE.top + ((height - EDGE.top - EDGE.bottom) * Math.log(high / Math.max(value, low))) / Math.log(high / low);
    const shapes = [];
    const done = x(epochs.at(-1) ?? 0);
    shapes.push(shape("rect", "rest", { x: done, y: EDGE.top, width: Math.max(width - EDGE.right - done, 0), height: height - EDGE.top - EDGE.bottom }));
    for (const tick of values.length ? logTicks(low, high) : []) {
      shapes.push(shape("line", "grid", { x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }));
      shapes.push(shape("text", "", { x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, String(Number(tick.toPrecision(2)))));
    }
    for (const tick of epochTicks(planned)) {
      shapes.push(shape("text", "", { x: x(tick), y: height - 4, "text-anchor": x(tick) > width - 30 ? "end" : "middle" }, tick.toLocaleString("en")));
    }
    for (const [name, series] of [["training", training], ["validation", validation]]) {
      const points = series.map((value, place) => `${x(epochs[place]).toFixed(1)} ${y(value).toFixed(1)}`);
      if (points.length) shapes.push(shape("path", `series ${name}`, { d: `M${points.join("L")}` }));
    }
    if (best) shapes.push(shape("circle", "dot", { cx: x(best.epoch), cy: y(best.loss), r: 5 }));
    svg.replaceChildren(...shapes);
  }
}

const plots = new WeakMap();

export default function losses(given) {
  const root = given.parentElement.querySelector(".losses");
  if (!plots.has(root)) plots.set(root, new Losses(root));
  plots.get(root).update(given);
}
