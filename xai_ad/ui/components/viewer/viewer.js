// The viewer: one view (zoom, place, opacity, threshold, choice) over all panels. Only a choice goes to Python.

const viewers = new WeakMap(); // by mounting element: the view outlives every change of data

class Viewer {
  constructor(parent) {
    this.view = {
      zoom: 1, x: 0.5, y: 0.5,
      thresholds: {}, // by the scale's id: from which strength on maps are drawn, where a person chose it
      opacity: { map: 0.65, picture: 1, rectangles: 1 },
      changed: {}, // by the kind of change: whether its changed picture is shown, where a person switched it
    };
    this.selected = null;
    this.told = null; // the choice Python spoke of last: only a new one overrules a click
    this.probe = null; // {point, from}: where the value is read, and the panel the pointer is on (null: keyboard)
    this.shownLayers = new Map(); // panel id -> {photo, url}: the layer to keep until its successor is decoded
    this.redraw = () => {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null;
        this.draw();
      });
    };
    this.attach(parent);
  }

  /** Finds the component's elements under `parent` and listens to them. */
  attach(parent) {
    this.root = parent.querySelector(".viewer");
    this.photo = this.root.querySelector("#photo");
    this.overlay = this.root.querySelector("#overlay");
    this.strip = this.root.querySelector(".strip");
    this.rail = this.root.querySelector(".rail");
    watchRail(this.rail);
    this.template = this.root.querySelector("#small");
    this.small = new Map();
    for (const panel of [this.photo, this.overlay]) this.watch(panel, true);
    this.overlay.addEventListener("keydown", (event) => this.onOverlayKey(event));
    this.overlay.addEventListener("blur", () => this.setProbe(null));
    this.strip.addEventListener("keydown", (event) => this.onStripKey(event));
    this.listenToControls();
    new ResizeObserver(() => {
      this.arrange();
      this.redraw();
    }).observe(this.root.parentElement);
    new ResizeObserver(this.redraw).observe(this.overlay);
    new ResizeObserver(() => markEnds(this.rail)).observe(this.strip);
    new ResizeObserver(() => markOverflow(this.root)).observe(this.root.querySelector(".about"));
    this.arrange();
  }

  watch(panel, touch) {
    watchGestures(panel, panel.querySelector(".canvas"), {
      view: () => this.view,
      zoom: (place, factor) => this.setView(zoomedAt(this.view, place, factor)),
      move: (dx, dy) => this.setView(movedBy(this.view, dx, dy)),
      hover: (place) => this.setProbe(place && { point: screenToPoint(this.view, place), from: panel }),
      reset: () => this.setView({ zoom: 1, x: 0.5, y: 0.5 }),
    }, { touch });
  }

  listenToControls() {
    const find = (name) => this.root.querySelector(`[data-testid=${name}]`);
    const middle = { x: 0.5, y: 0.5 };
    find("zoom-in").addEventListener("click", () => this.setView(zoomedAt(this.view, middle, 1.5)));
    find("zoom-out").addEventListener("click", () => this.setView(zoomedAt(this.view, middle, 1 / 1.5)));
    find("zoom-reset").addEventListener("click", () => this.setView({ zoom: 1, ...middle }));
    find("opacity").addEventListener("input", (event) => {
      this.view.opacity[this.panel().kind] = event.target.valueAsNumber / 100;
      this.refresh();
    });
    find("threshold").addEventListener("input", (event) => {
      this.view.thresholds[this.scaleOf(this.panel()).id] = event.target.valueAsNumber / 100;
      this.refresh();
    });
    find("change-toggle").addEventListener("change", (event) => {
      this.view.changed[this.panel().change.id] = event.target.checked;
      this.refresh();
    });
    // The page's shortcuts (left, right) must not fire while a slider or a button is in use.
    this.root.querySelector(".controls").addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** Side by side where the side column fits beside two large panels, else one under the other. */
  arrange() {
    const width = this.root.parentElement.clientWidth;
    const large = Math.min(Math.max(230, window.innerHeight - 438), 560);
    const wide = width >= 640 && (window.innerWidth >= 1050 || width - 2 * large - 24 >= 200);
    this.root.dataset.layout = width < 460 ? "phone" : wide ? "wide" : "stacked";
  }

  /** Takes new data from Python. */
  update(data, tell) {
    this.data = data;
    this.tell = tell;
    const overruled = data.selected !== this.told;
    if (overruled) {
      this.told = data.selected;
      this.selected = data.selected;
    }
    this.small = arrangeStrip(this.strip, this.template, data.panels, (element, id) => {
      this.watch(element, false);
      element.addEventListener("click", () => this.select(id));
    });
    markEnds(this.rail);
    if (overruled) bringIntoSight(this.strip, this.small.get(this.panel().id));
    for (const id of this.shownLayers.keys()) if (!this.small.has(id)) this.shownLayers.delete(id);
    this.refresh();
  }

  /** The chosen panel; the first where the choice is no longer among them. */
  panel() {
    return this.data.panels.find((panel) => panel.id === this.selected) ?? this.data.panels[0];
  }

  /** A panel's scale: its own, or the one that all explanations share. */
  scaleOf(panel) {
    return panel.scale ?? this.data.scale;
  }

  select(id) {
    if (this.panel().id === id) return;
    this.selected = id;
    bringIntoSight(this.strip, this.small.get(id));
    this.refresh();
    this.tell("selected", id);
  }

  setView(view) {
    Object.assign(this.view, clampView(view));
    fillZoom(this.root, this.view.zoom);
    this.placeCrosses();
    this.redraw();
  }

  setProbe(probe) {
    this.probe = probe;
    this.root.querySelector(".readout").setAttribute("aria-live", probe && !probe.from ? "polite" : "off");
    this.placeCrosses();
    this.showValue();
  }

  onStripKey(event) {
    const panels = this.data.panels;
    const last = panels.length - 1;
    const now = panels.indexOf(this.panel());
    const next = {
      ArrowRight: now === last ? 0 : now + 1, ArrowDown: now === last ? 0 : now + 1,
      ArrowLeft: now === 0 ? last : now - 1, ArrowUp: now === 0 ? last : now - 1,
      Home: 0, End: last,
    }[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.select(panels[next].id);
    this.small.get(panels[next].id).focus();
  }

  onOverlayKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (factor) this.setView(zoomedAt(this.view, { x: 0.5, y: 0.5 }, factor));
    else if (event.key === "0") this.setView({ zoom: 1, x: 0.5, y: 0.5 });
    else if (step) this.stepProbe(step, event.shiftKey ? 10 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Moves the keyboard's marker by grid cells; the view follows it. */
  stepProbe([columns, rows], length) {
    const rectangle = this.photoRectangle();
    const point = this.probe?.point ?? { x: this.view.x, y: this.view.y };
    const cell = rectangle && pointToCell(point, rectangle, this.data);
    if (!cell) return;
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const next = cellToPoint({
      column: clamp(cell.column + columns * length, this.data.width),
      row: clamp(cell.row + rows * length, this.data.height),
    }, rectangle, this.data);
    const place = pointToScreen(this.view, next);
    const beyond = (value) => Math.min(value - 0.05, 0) + Math.max(value - 0.95, 0);
    this.setView(movedBy(this.view, -beyond(place.x), -beyond(place.y)));
    this.setProbe({ point: next, from: null });
  }

  photoRectangle() {
    const photo = findPicture(this.data.photo, this.redraw);
    return photo.state === "ready" ? containedRectangle(photo.width, photo.height) : null;
  }

  /** Writes everything that stands in words, then paints. */
  refresh() {
    const chosen = this.panel();
    if (chosen) {
      setText(this.overlay.querySelector(".chip"), chosen.label);
      this.overlay.setAttribute("aria-label", `${chosen.title}, over the photo`);
      this.overlay.querySelector(".canvas").setAttribute("aria-label", chosen.sentence);
      fillAbout(this.root, chosen);
      fillSliders(this.root, chosen, this.view, this.scaleOf(chosen));
      fillScale(this.root, chosen, this.view, this.scaleOf(chosen));
      markOverflow(this.root);
    }
    for (const panel of this.data.panels) {
      labelSmallPanel(this.small.get(panel.id), panel, panel === chosen, stateWords(panel, panel === chosen));
    }
    fillZoom(this.root, this.view.zoom);
    this.placeCrosses();
    this.redraw();
  }

  placeCrosses() {
    const place = this.probe && pointToScreen(this.view, this.probe.point);
    for (const panel of [this.photo, this.overlay, ...this.small.values()]) {
      setCross(panel.querySelector(".cross"), this.probe?.from === panel ? null : place);
    }
  }

  /** Writes the value under the pointer on the overlay. */
  showValue() {
    const readout = this.root.querySelector(".readout");
    const rectangle = this.probe && this.photoRectangle();
    const cell = rectangle && pointToCell(this.probe.point, rectangle, this.data);
    readout.hidden = !cell;
    const panel = this.panel();
    const strength = cell && panel?.kind === "map" ? this.strengthAt(panel, cell) : null;
    markScale(this.root, strength, Boolean(panel?.signed));
    if (!cell) return;
    const parts = [`x\u00a0${cell.column}`, `y\u00a0${cell.row}`];
    const region = strength === null ? null : this.regionAt(panel, cell);
    if (region) parts.push(`${formatFigure(region.value)} of the limit`);
    else if (strength !== null) parts.push(readFigure(this.scaleOf(panel), strength, Boolean(panel.signed)));
    setText(readout, parts.join(" \u00b7 ") + (region?.interval ? `\n${intervalWords(region.interval)}` : ""));
  }

  /** The exact value of the region at a cell and its interval, where there is one; null where there is no region. */
  regionAt(panel, cell) {
    const picture = this.segmentPicture(panel);
    if (!picture) return null;
    const label = segmentLabels(picture)[cell.row * picture.width + cell.column];
    const { values, low, high } = panel.segments;
    return { value: values[label], interval: low ? { low: low[label], high: high[label] } : null };
  }

  /** The ready picture of a panel's segments, on the grid's own pixels; null where it has none or they still load. */
  segmentPicture(panel) {
    const picture = panel.segments && findPicture(panel.segments.layer, this.redraw);
    return picture?.state === "ready" ? picture : null;
  }

  strengthAt(panel, { column, row }) {
    const picture = this.layerPicture(panel);
    if (picture?.state !== "ready") return null;
    const x = Math.min(Math.floor(((column + 0.5) / this.data.width) * picture.width), picture.width - 1);
    const y = Math.min(Math.floor(((row + 0.5) / this.data.height) * picture.height), picture.height - 1);
    return levelStrength(mapLevels(picture)[y * picture.width + x], Boolean(panel.signed));
  }

  /** The picture of a panel's layer; while a newer one of the same photo loads, the one before it. */
  layerPicture(panel) {
    if (!panel.layer) return null;
    const picture = findPicture(panel.layer, this.redraw);
    if (picture.state === "ready") {
      this.shownLayers.set(panel.id, { photo: this.data.photo, url: panel.layer });
      return picture;
    }
    const shown = this.shownLayers.get(panel.id);
    if (picture.state !== "loading" || shown?.photo !== this.data.photo) return picture;
    const before = findPicture(shown.url, this.redraw);
    return before.state === "ready" ? before : picture;
  }

  draw() {
    if (!this.data) return;
    const photo = findPicture(this.data.photo, this.redraw);
    // A new photo is decoded within a few frames: what is painted stays until then, so nothing flickers.
    if (photo.state === "loading") return;
    const ready = photo.state === "ready" ? photo : null;
    setVeil(this.photo.querySelector(".veil"), ready ? "" : "The photo could not be loaded");
    paintPanel(this.photo.querySelector(".canvas"), this.view, ready, null, this.data);
    const chosen = this.panel();
    for (const panel of this.data.panels) {
      const element = this.small.get(panel.id);
      const words = this.drawLayer(element, panel, ready);
      labelSmallPanel(element, panel, panel === chosen, words);
    }
    if (chosen) this.drawLayer(this.overlay, chosen, ready);
    this.showEmpty(chosen);
    this.showValue();
  }

  /** Paints a panel and its cover; returns the cover's words. */
  drawLayer(element, panel, photo) {
    const picture = this.layerPicture(panel);
    const ready = picture?.state === "ready" ? picture : null;
    const rectangles = panel.kind === "rectangles";
    const shown = photo && (panel.state === "ready" || panel.state === "running");
    const segments = isHatched(panel) ? this.segmentPicture(panel) : null;
    paintPanel(element.querySelector(".canvas"), this.view, photo, shown ? {
      kind: panel.kind,
      picture: rectangles && !isChanged(panel, this.view) ? null : ready,
      signed: Boolean(panel.signed),
      threshold: thresholdOf(this.view, this.scaleOf(panel)),
      opacity: this.view.opacity[panel.kind],
      boxes: rectangles ? panel.rectangles ?? [] : [],
      unsure: segments && unsureMask(segments, panel.segments),
    } : null, this.data);
    const lost = !photo || (panel.layer && picture.state === "failed");
    const words = stateWords(panel, panel === this.panel()) || (lost ? "Picture no longer available" : "");
    const running = panel.state === "running";
    setVeil(element.querySelector(".veil"), words, running ? panel.progress ?? 0 : null, running && Boolean(ready));
    return words;
  }

  /** Says so where nothing of the chosen map is left by the threshold, or there is no rectangle: else it would look broken. */
  showEmpty(panel) {
    const element = this.overlay.querySelector(".empty");
    const none = panel?.kind === "rectangles" && panel.state === "ready" && !panel.rectangles?.length;
    if (none) {
      element.hidden = !panel.empty;
      setText(element, panel.empty ?? "");
      return;
    }
    const picture = panel?.kind === "map" && panel.state === "ready" ? this.layerPicture(panel) : null;
    const scale = panel && this.scaleOf(panel);
    const empty = picture?.state === "ready" && largestStrength(picture, Boolean(panel.signed)) < thresholdOf(this.view, scale);
    element.hidden = !empty;
    if (empty) setText(element, `Nothing above ${formatFigure(scaleValue(scale, thresholdOf(this.view, scale)))}`);
  }
}

export default function viewer({ data, parentElement, setStateValue }) {
  let mounted = viewers.get(parentElement);
  if (!mounted) {
    mounted = new Viewer(parentElement);
    viewers.set(parentElement, mounted);
  } else if (!parentElement.contains(mounted.root)) {
    mounted.attach(parentElement); // the elements were made anew; the view stays
  }
  mounted.update(data, setStateValue);
}
