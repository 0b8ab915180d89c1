// A clip's scores over time: a click, an arrow key or a button goes to a frame. The cursor moves at once, the page follows.

const PAUSE = 150; // ms: what is asked for faster than this is told together
const UNANSWERED = 5000; // ms
const PAGE = 25; // frames that Page Up and Page Down step
/** Where Left and Right have a meaning of their own. */
const OWN_MEANING = [
  "input", "textarea", "select", "[contenteditable='']", "[contenteditable=true]", "[role=slider]", "[role=radiogroup]",
  "[role=combobox]", "[role=listbox]", "[role=menu]", "[role=tablist]", "[role=dialog]",
  "[data-testid=viewer]", "[data-testid=stPopoverBody]",
].join(", ");

class Curve {
  constructor(root) {
    this.root = root;
    this.plot = root.querySelector(".plot");
    this.svg = this.plot.querySelector("svg");
    this.input = root.querySelector("input");
    this.mount = Math.random().toString(36).slice(2); // a page that was loaded anew counts from zero
    this.presses = 0;
    this.told = 0;
    this.answered = 0;
    this.lastTold = -Infinity;
    this.view = "scores";
    this.drawn = null; // what was fetched last
    this.ended = new AbortController();
    const { signal } = this.ended;
    const on = (selector, act) => root.querySelector(selector).addEventListener("click", act, { signal });
    on(".first", () => this.go(this.drawn?.runs[0]?.[0]));
    on(".last", () => this.go(this.drawn?.runs.at(-1)?.[1]));
    on(".previous", () => this.step(-1));
    on(".next", () => this.step(1));
    on(".before", () => this.go(nextAbnormal(this.drawn?.stretches ?? [], this.frame, -1)));
    on(".after", () => this.go(nextAbnormal(this.drawn?.stretches ?? [], this.frame, 1)));
    for (const button of root.querySelectorAll(".views button")) {
      button.addEventListener("click", () => this.choose(button.dataset.view), { signal });
    }
    this.input.addEventListener("change", () => this.typed(), { signal });
    this.plot.addEventListener("pointermove", (event) => this.hover(event), { signal });
    this.plot.addEventListener("pointerleave", () => this.hover(null), { signal });
    this.plot.addEventListener("click", (event) => this.click(event), { signal });
    this.plot.addEventListener("keydown", (event) => this.onPlotKey(event), { signal });
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.plot);
  }

  /** The frame that is shown, or is asked for while the page has not followed. */
  get frame() {
    return this.asked ?? this.data.frame;
  }

  update({ data, setStateValue }) {
    const isOther = this.data?.clip !== data.clip;
    this.data = data;
    this.tell = (value) => setStateValue("jump", value);
    if (isOther) {
      this.drawn = null;
      this.asked = null;
    }
    if (data.mount === this.mount && data.presses > this.answered) this.answered = data.presses;
    if (this.presses === this.told && this.answered === this.told) this.asked = null;
    if (data.url !== this.url || !this.drawn) this.fetch(data.url);
    this.draw();
    if (this.presses > this.told) this.tellSoon();
  }

  async fetch(url) {
    this.url = url;
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      const drawn = await answer.json();
      if (this.url !== url) return; // a newer one is on its way
      this.drawn = drawn;
      this.root.dataset.drawn = String(drawn.count);
      this.draw();
    } catch {
      if (this.url === url) this.root.querySelector(".about").textContent = "The curve could not be loaded. Reload the page.";
    }
  }

  choose(view) {
    this.view = view;
    this.draw();
  }

  typed() {
    const number = Number(this.input.value);
    if (this.input.value !== "" && Number.isFinite(number) && this.drawn) this.go(nearestFrame(this.drawn.runs, Math.round(number)));
    else this.show();
  }

  step(by) {
    if (this.drawn) this.go(stepFrom(this.drawn.runs, this.frame, by));
  }

  go(frame) {
    if (frame == null || frame === this.frame) {
      this.show();
      return;
    }
    this.asked = frame;
    this.presses += 1;
    this.show();
    this.tellSoon();
  }

  /** Tells what is untold as soon as the last message is answered, or was not for long. */
  tellSoon() {
    const from = this.lastTold + (this.answered === this.told ? PAUSE : UNANSWERED);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.presses === this.told) return;
      this.told = this.presses;
      this.lastTold = performance.now();
      this.tell({ mount: this.mount, presses: this.presses, frame: this.asked });
    }, Math.max(0, from - performance.now()));
  }

  onKey(event) {
    if (!this.root.isConnected) {
      this.ended.abort();
      this.resized.disconnect();
      return;
    }
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.composedPath().some((element) => element instanceof Element && element.matches(OWN_MEANING))) return;
    event.preventDefault();
    this.step(by);
  }

  onPlotKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.drawn) return;
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -PAGE, PageUp: PAGE }[event.key];
    const end = { Home: this.drawn.runs[0]?.[0], End: this.drawn.runs.at(-1)?.[1] }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (by) this.step(by);
    else this.go(end);
  }

  frameUnder(event) {
    if (!this.axes || !this.drawn) return null;
    return nearestFrame(this.drawn.runs, this.axes.frameAt(event.clientX - this.plot.getBoundingClientRect().left));
  }

  click(event) {
    this.go(this.frameUnder(event));
  }

  hover(event) {
    const tip = this.plot.querySelector(".tip");
    this.svg.querySelector(".hover")?.remove();
    const frame = event && this.frameUnder(event);
    tip.hidden = frame == null;
    if (frame == null) return;
    const x = this.axes.x(frame);
    this.svg.append(makeSvg("line", "hover", { x1: x, x2: x, y1: MARGIN.top, y2: this.axes.height - MARGIN.bottom }));
    tip.textContent = this.words(frame, this.near(frame));
    tip.style.left = x > this.axes.width / 2 ? "auto" : `${x + 8}px`;
    tip.style.right = x > this.axes.width / 2 ? `${this.axes.width - x + 8}px` : "auto";
  }

  /** The drawn value nearest to a frame: of a long clip not every frame's own is here. */
  near(frame) {
    const { numbers, values } = this.drawn[this.view];
    let low = 0;
    let high = numbers.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[middle] < frame) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && frame - numbers[low - 1] < numbers[low] - frame) low -= 1;
    return { value: values[low], isExact: numbers[low] === frame };
  }

  words(frame, { value, isExact }) {
    const about = isExact ? "" : "about ";
    const said = this.view === "scores" ? `${about}${formatFigure(value)}\u00d7 the limit` : `regularity ${about}${value.toFixed(2)}`;
    return `Frame ${frame.toLocaleString("en")}: ${said}`;
  }

  draw() {
    this.root.querySelector(".about").textContent = this.view === "scores" ? this.data.about : this.data.about_regularity;
    for (const button of this.root.querySelectorAll(".views button")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.view));
    }
    this.drawMoments();
    const { width, height } = this.plot.getBoundingClientRect();
    if (!this.drawn || width < 60 || height < 40) {
      this.svg.replaceChildren();
      return;
    }
    const { runs, stretches } = this.drawn;
    const series = this.drawn[this.view];
    const isScores = this.view === "scores";
    const last = Math.max(this.data.last, runs.at(-1)[1]);
    const values = isScores ? { low: 0, high: Math.max(1.25, this.drawn.highest * 1.06), unit: "\u00d7" } : { low: 0, high: 1, unit: "" };
    this.axes = new Axes(width, height, { first: runs[0][0], last }, values);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const shapes = [...drawAxes(this.axes), ...drawStretches(this.axes, stretches)];
    const end = this.axes.x(runs.at(-1)[1]);
    if (last > runs.at(-1)[1]) {
      shapes.unshift(makeSvg("rect", "open", { x: end, y: MARGIN.top, width: width - MARGIN.right - end, height: height - MARGIN.top - MARGIN.bottom }));
    }
    shapes.push(...drawSeries(this.axes, series, runs));
    if (isScores) shapes.push(...drawLimit(this.axes, 1));
    this.svg.replaceChildren(...shapes);
    this.show();
  }

  /** Moves the cursor and says where it is. */
  show() {
    const { frame } = this;
    this.root.dataset.frame = String(frame);
    this.root.dataset.pending = String(frame !== this.data.frame);
    this.input.value = String(frame);
    this.root.querySelector(".of").textContent = `of ${this.data.last.toLocaleString("en")}`;
    for (const shape of this.svg.querySelectorAll(".cursor, .dot")) shape.remove();
    if (!this.drawn || !this.axes) return;
    const { runs, stretches } = this.drawn;
    const reading = frame === this.data.frame && this.view === "scores" ? { value: this.data.value, isExact: true } : this.near(frame);
    const words = this.words(frame, reading);
    this.root.querySelector(".reading").textContent = words;
    const disabled = {
      ".first": frame <= runs[0][0], ".previous": frame <= runs[0][0],
      ".next": frame >= runs.at(-1)[1], ".last": frame >= runs.at(-1)[1],
      ".before": nextAbnormal(stretches, frame, -1) === null, ".after": nextAbnormal(stretches, frame, 1) === null,
    };
    for (const [selector, is] of Object.entries(disabled)) this.root.querySelector(selector).disabled = is;
    const x = this.axes.x(frame);
    this.svg.append(
      makeSvg("line", "cursor", { x1: x, x2: x, y1: MARGIN.top - 6, y2: this.axes.height - MARGIN.bottom }),
      makeSvg("circle", "dot", { cx: x, cy: this.axes.y(reading.value), r: 4 }),
    );
    const aria = {
      "aria-label": `Frame of ${this.data.clip_name}`, "aria-valuemin": runs[0][0], "aria-valuemax": runs.at(-1)[1],
      "aria-valuenow": frame, "aria-valuetext": words,
    };
    for (const [attribute, value] of Object.entries(aria)) this.plot.setAttribute(attribute, String(value));
  }

  /** Which of the frames that the network sees together mattered, as far as an explanation says so. */
  drawMoments() {
    const holder = this.root.querySelector(".moments");
    const found = this.data.moments;
    holder.hidden = !found;
    if (!found) return;
    holder.querySelector(".moments-title").textContent = found.title;
    const bars = holder.querySelector(".bars");
    bars.setAttribute("aria-label", found.title);
    const largest = Math.max(...found.values.map(Math.abs)) || 1;
    bars.replaceChildren(...found.frames.map((frame, place) => {
      const bar = document.createElement("button");
      bar.type = "button";
      bar.className = "bar";
      bar.dataset.sign = String(Math.sign(found.values[place]));
      bar.setAttribute("aria-current", String(frame === this.data.frame));
      const words = `Frame ${frame}: ${formatFigure(found.values[place])}\u00d7 the limit`;
      bar.title = words;
      bar.setAttribute("aria-label", words);
      const height = document.createElement("i");
      height.style.height = `${(100 * Math.abs(found.values[place])) / largest}%`;
      const name = document.createElement("b");
      name.style.fontWeight = "inherit";
      name.textContent = String(frame);
      bar.append(height, name);
      bar.addEventListener("click", () => this.go(frame));
      return bar;
    }));
  }
}

const curves = new WeakMap();

export default function curve(given) {
  const root = given.parentElement.querySelector(".curve");
  if (!curves.has(root)) curves.set(root, new Curve(root));
  curves.get(root).update(given);
}
