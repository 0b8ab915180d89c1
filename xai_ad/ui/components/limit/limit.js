// A limit that a person moves, and all that follows from it in the browser; the page hears of it once it rests.

const REST = 200; // ms
const DIGITS = 3;
const SMALL = 1.01; // what an arrow key multiplies the limit by
const LARGE = 1.1; // what Page Up and Page Down do

class Limit {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector(".plot svg");
    this.plot = root.querySelector(".plot");
    this.handle = root.querySelector(".handle");
    this.handle.addEventListener("keydown", (event) => this.onKey(event));
    this.plot.addEventListener("pointerdown", (event) => this.onDown(event));
    this.plot.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"]) this.plot.addEventListener(end, () => this.onUp());
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.plot);
  }

  update({ data, setStateValue }) {
    const isOther = this.data?.calibration !== data.calibration;
    this.data = data;
    this.tell = (value) => setStateValue("moved", value);
    if (isOther) {
      this.limit = data.limit;
      this.sets = null;
    }
    if (data.url !== this.url || !this.sets) this.fetch(data.url);
    else this.draw();
  }

  async fetch(url) {
    this.url = url;
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      const sets = await answer.json();
      if (this.url !== url) return; // a newer one is on its way
      this.sets = sets.map((each) => ({ ...each, scored: new Scored(each) }));
      this.choose(this.sets.find(({ id }) => id === this.chosen) ?? this.sets[0]);
    } catch (error) {
      if (this.url !== url) return;
      this.root.querySelector(".set-about").textContent = "The scores could not be loaded. Reload the page.";
      console.warn(error);
    }
  }

  choose(set) {
    this.set = set;
    this.root.dataset.set = set.id;
    this.draw();
  }

  /** The limit in multiples of the one in force. */
  get times() {
    return this.limit / this.data.limit;
  }

  moveTo(times) {
    const rounded = Number(Math.min(Math.max(times, this.axis.least), this.axis.most).toPrecision(DIGITS));
    this.setLimit(rounded === 1 ? this.data.limit : rounded * this.data.limit);
  }

  setLimit(limit) {
    if (limit === this.limit) return;
    this.limit = limit;
    this.show();
    clearTimeout(this.timer);
    if (!this.dragged) this.timer = setTimeout(() => this.report(), REST);
  }

  report() {
    this.tell({ calibration: this.data.calibration, limit: this.limit, set: this.set.id });
  }

  onDown(event) {
    if (!this.axis || event.button !== 0) return;
    event.preventDefault();
    this.plot.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.handle.focus({ preventScroll: true });
    this.onMove(event);
  }

  onMove(event) {
    if (!this.dragged) return;
    this.moveTo(this.axis.timesAt(event.clientX - this.plot.getBoundingClientRect().left));
  }

  onUp() {
    if (!this.dragged) return;
    this.dragged = false;
    this.report();
  }

  onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.axis) return;
    const by = {
      ArrowLeft: 1 / SMALL, ArrowDown: 1 / SMALL, ArrowRight: SMALL, ArrowUp: SMALL, PageDown: 1 / LARGE, PageUp: LARGE,
    }[event.key];
    const end = { Home: this.axis.least, End: this.axis.most }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.moveTo(end ?? this.times * by);
  }

  /** Draws what depends on the set and the width; the limit's own things follow in `show`. */
  draw() {
    const { width, height } = this.plot.getBoundingClientRect();
    if (!this.set || width < 60 || height < 60) return;
    const { scored, about } = this.set;
    const { words } = this.data;
    this.axis = new RatioAxis(scored, this.data.limit, width);
    drawHistogram(this.svg, scored, this.axis, this.data.limit, height);
    const write = (selector, text) => { this.root.querySelector(selector).textContent = text; };
    write(".set-about", about);
    write(".legend .normal", `${scored.normal.length.toLocaleString("en")} ${words.normal}${scored.hasBoth ? ", above the line" : ""}`);
    write(".legend .abnormal", `${scored.abnormal.length.toLocaleString("en")} ${words.abnormal}, below it`);
    this.root.querySelector(".legend .abnormal").hidden = scored.abnormal.length === 0;
    write('[data-figure="rejected"] span', words.rejected);
    write('[data-figure="caught"] span', words.caught);
    write(".passed-word", words.passed);
    write(".flagged-word", words.flagged);
    write(".normal-word", words.normal);
    write(".abnormal-word", words.abnormal);
    this.drawSets();
    this.drawPresets();
    this.drawBoth();
    this.show();
  }

  drawSets() {
    const holder = this.root.querySelector(".sets");
    holder.replaceChildren(...this.sets.map((set) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = set.title;
      button.dataset.set = set.id;
      button.setAttribute("aria-pressed", String(set === this.set));
      button.addEventListener("click", () => {
        this.chosen = set.id; // from now on, for other models as well
        this.choose(set);
        holder.querySelector(`[data-set="${set.id}"]`).focus();
        if (this.limit !== this.data.limit) this.report();
      });
      return button;
    }));
  }

  drawPresets() {
    const { scored } = this.set;
    const { words } = this.data;
    const found = [[words.active, this.data.limit, "active"]];
    if (scored.hasBoth) found.push(["Balanced", scored.balanced(), "balanced"]);
    for (const [one, name] of [[20, "1-in-20"], [100, "1-in-100"]]) {
      if (scored.normal.length >= one) found.push([`At most 1 in ${one} ${words.rejected_short}`, scored.rejectingAtMost(1 / one), name]);
    }
    const valid = found.filter(([, limit]) => limit > 0);
    this.root.querySelector(".presets").replaceChildren(...valid.map(([title, limit, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title;
      button.dataset.preset = name;
      button.dataset.limit = String(limit);
      button.addEventListener("click", () => this.setLimit(limit));
      return button;
    }));
  }

  /** What needs both kinds: curves and counts; where one is missing, they say so by their absence. */
  drawBoth() {
    const { scored, names } = this.set;
    const { words } = this.data;
    this.root.querySelector(".more").hidden = !scored.hasBoth;
    this.root.querySelector(".by-kind").hidden = !scored.hasBoth || names.filter((_, kind) => scored.kinds[kind].length).length < 2;
    this.root.querySelector(".by-kind h3").textContent = words.by_kind;
    this.root.querySelector(".by-kind .scroll").setAttribute("aria-label", words.by_kind);
    if (scored.hasBoth) {
      const { roc, precisions, area, average } = scored.curves;
      const prevalence = scored.abnormal.length / (scored.abnormal.length + scored.normal.length);
      const [rocFigure, prFigure] = ["roc", "pr"].map((name) => this.root.querySelector(`[data-curve="${name}"]`));
      const { other } = this.set;
      drawCurve(rocFigure.querySelector("svg"), roc, { across: words.rejected, up: words.caught, chance: [[0, 0], [1, 1]], other: other?.roc });
      drawCurve(prFigure.querySelector("svg"), precisions, { across: words.recall, up: words.precision, chance: [[0, prevalence], [1, prevalence]] });
      const honest = this.set.measures ? "" : " No measurement.";
      rocFigure.querySelector("p").textContent = `AUC-ROC ${area.toFixed(3)}; 0.5 is chance (dashed).${other ? ` Dotted: ${other.title}.` : ""}${honest}`;
      prFigure.querySelector("p").textContent = `AUC-PR ${average.toFixed(3)}; ${prevalence.toFixed(2)} is chance (dashed).${honest}`;
      for (const figure of [rocFigure, prFigure]) figure.querySelector("svg").setAttribute("aria-label", figure.querySelector("p").textContent);
      drawKinds(this.root.querySelector(".by-kind tbody"), this.set, scored);
    }
  }

  /** What follows the limit. */
  show() {
    if (!this.set || !this.axis) return;
    const { scored } = this.set;
    const { words } = this.data;
    const found = scored.confusion(this.limit);
    const { recall, falseAlarm, precision } = rates(found);
    const x = moveLimit(this.svg, this.axis, this.times);
    this.handle.style.left = `${x}px`;
    const figure = this.root.querySelector('[data-figure="limit"]');
    figure.querySelector("b").textContent = `${formatFigure(this.times)}\u00d7`;
    figure.querySelector("i").textContent = `raw ${formatFigure(this.limit)}`;
    fillFigures(this.root, scored, found);
    if (scored.hasBoth) {
      this.root.querySelector(".precision").textContent = precisionWords(found, words);
      moveOnCurve(this.root.querySelector('[data-curve="roc"] svg'), [falseAlarm, recall]);
      moveOnCurve(this.root.querySelector('[data-curve="pr"] svg'), [recall, found.hits + found.falseAlarms ? precision : 1]);
      fillKinds(this.root.querySelector(".by-kind tbody"), scored, this.limit);
    }
    this.showWorst();
    const isMoved = this.limit !== this.data.limit;
    this.root.dataset.moved = String(isMoved);
    this.root.dataset.limit = String(this.limit);
    this.root.querySelector(".moved-note").textContent = isMoved ? this.set.moved : "";
    for (const button of this.root.querySelectorAll(".presets button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.limit) === this.limit));
    }
    const caught = scored.abnormal.length ? `; ${words.caught}: ${countWords(found.hits, scored.abnormal.length)}` : "";
    const rejected = scored.normal.length ? `; ${words.rejected}: ${countWords(found.falseAlarms, scored.normal.length)}` : "";
    const aria = {
      "aria-label": "Limit, in multiples of the limit in force", "aria-valuemin": this.axis.least.toPrecision(DIGITS),
      "aria-valuemax": this.axis.most.toPrecision(DIGITS), "aria-valuenow": this.times.toPrecision(DIGITS),
      "aria-valuetext": `${formatFigure(this.times)} times the limit in force${rejected}${caught}`,
    };
    for (const [attribute, value] of Object.entries(aria)) this.handle.setAttribute(attribute, value);
  }

  showWorst() {
    const { pictures } = this.set;
    const { words } = this.data;
    const worst = worstOf(pictures, this.limit);
    this.root.querySelector(".worst").hidden = !pictures.length && !this.set.elsewhere;
    for (const [name, title, none] of [["alarms", words.alarms, words.no_alarms], ["misses", words.misses, words.no_misses]]) {
      const holder = this.root.querySelector(`[data-worst="${name}"]`);
      holder.hidden = !pictures.length;
      holder.querySelector("h3").textContent = title;
      holder.querySelector(".none").textContent = worst[name].length ? "" : none;
      fillPictures(holder.querySelector(".pictures"), worst[name], this.data.limit);
    }
    this.root.querySelector(".elsewhere").textContent = this.set.elsewhere;
  }
}

const limits = new WeakMap();

export default function limit(given) {
  const root = given.parentElement.querySelector(".limit");
  if (!limits.has(root)) limits.set(root, new Limit(root));
  limits.get(root).update(given);
}
