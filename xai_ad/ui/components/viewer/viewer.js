// The viewer: one view (zoom, place, opacity, threshold, marks, choice) over all panels. A choice goes to Python, and how maps are drawn.

const viewers = new WeakMap(); // by mounting element: the view outlives every change of data

class Viewer {
  constructor(parent) {
    this.view = {
      ...startingView(),
      thresholds: {}, // by the scale's id: from which strength on maps are drawn, where a person chose it
      swiped: null, // from which share of the width on the large photo shows the reconstruction
      revealed: null, // the photo whose withheld explanations a person asked for
    };
    this.selected = null;
    this.told = null; // the choice Python spoke of last: only a new one overrules a click
    this.probe = new Probe(this);
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
    this.template = this.root.querySelector("#small");
    this.small = new Map();
    watchRail(this.rail);
    for (const panel of [this.photo, this.overlay]) this.watch(panel, true);
    watchDivider(this.photo, {
      place: () => this.view.swiped,
      move: (place) => {
        this.view.swiped = Math.min(Math.max(place, 0), 1);
        this.redraw();
      },
    });
    this.listenToKeys();
    this.listenToControls();
    this.listenToWindow();
    new ResizeObserver(() => this.arrange()).observe(this.root.parentElement);
    new ResizeObserver(this.redraw).observe(this.overlay);
    new ResizeObserver(() => markEnds(this.rail)).observe(this.strip);
    this.arrange();
  }

  watch(panel, touch) {
    watchGestures(panel, panel.querySelector(".canvas"), {
      view: () => this.view,
      zoom: (place, factor) => this.setView(zoomedAt(this.view, place, factor)),
      move: (dx, dy) => this.setView(movedBy(this.view, dx, dy)),
      hover: (place) => this.probe.set(place && { point: screenToPoint(this.view, place), from: panel }),
      reset: () => this.setView({ zoom: 1, ...MIDDLE }),
    }, { touch });
  }

  listenToKeys() {
    this.overlay.addEventListener("keydown", (event) => this.onOverlayKey(event));
    this.overlay.addEventListener("blur", () => this.probe.set(null));
    this.strip.addEventListener("keydown", (event) => this.onStripKey(event));
  }

  listenToControls() {
    const find = (name) => this.root.querySelector(`[data-testid=${name}]`);
    find("zoom-in").addEventListener("click", () => this.setView(zoomedAt(this.view, MIDDLE, 1.5)));
    find("zoom-out").addEventListener("click", () => this.setView(zoomedAt(this.view, MIDDLE, 1 / 1.5)));
    find("zoom-reset").addEventListener("click", () => this.setView({ zoom: 1, ...MIDDLE }));
    find("opacity").addEventListener("input", (event) => {
      this.view.opacity[this.shown().kind] = event.target.valueAsNumber / 100;
      this.refresh();
    });
    find("threshold").addEventListener("input", (event) => {
      this.view.thresholds[this.scaleOf(this.shown()).id] = event.target.valueAsNumber / 100;
      this.refresh();
    });
    // Python hears where a slider was left, not every step: files are made as the screen was.
    find("opacity").addEventListener("change", () => this.tell("opacity", { ...this.view.opacity }));
    find("threshold").addEventListener("change", () => this.tell("start", { ...this.view.thresholds }));
    find("change-toggle").addEventListener("change", (event) => {
      this.view.changed[this.panel().change.id] = event.target.checked;
      this.refresh();
    });
    find("reveal").addEventListener("click", () => {
      this.view.revealed = this.data.photo;
      this.refresh();
    });
    watchMarks(this.root, this.view, () => this.data, (outlined) => {
      this.refresh();
      if (outlined) this.tell("outlined", isOutlined(this.view, this.data));
    });
    // The page's shortcuts (left, right) must not fire while a slider or a button is in use.
    this.root.querySelector(".controls").addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** A value stays in sight only while the pointer is on its panel; a window's size decides the panels', Back the choice. */
  listenToWindow() {
    this.listening?.abort();
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const kind of ["pointermove", "pointerdown"]) {
      document.addEventListener(kind, (event) => this.probe.leave(event), { signal, passive: true });
    }
    window.addEventListener("popstate", () => { this.told = null; }, { signal }); // Back overrules a click
    window.addEventListener("resize", () => this.arrange(), { signal }); // its height counts too
    document.documentElement.addEventListener("pointerleave", (event) => this.probe.leave(event), { signal });
  }

  arrange() {
    arrangeViewer(this.root, panelAspect(this.data?.aspect ?? 1));
    this.redraw();
  }

  /** Takes new data from Python. */
  update(data, tell, choose) {
    const isNew = data.photo !== this.data?.photo;
    this.data = data;
    this.tell = tell;
    this.choose = choose;
    if (data.selected !== this.told) {
      this.told = data.selected;
      this.selected = data.selected;
    }
    this.small = arrangeStrip(this.strip, this.template, data.panels, (element, id) => {
      this.watch(element, false);
      element.addEventListener("click", () => this.select(id));
    });
    this.arrange();
    if (isNew) this.strip.scrollLeft = 0; // what every picture begins with must not be out of sight
    markEnds(this.rail);
    for (const id of this.shownLayers.keys()) if (!this.small.has(id)) this.shownLayers.delete(id);
    this.refresh();
  }

  panels() {
    return [this.photo, this.overlay, ...this.small.values()];
  }

  /** The chosen panel; the first where the choice is no longer among them. */
  panel() {
    return this.data.panels.find((panel) => panel.id === this.selected) ?? this.data.panels[0];
  }

  /** What is drawn large: the chosen panel, or what stands in for it until it has something to show. */
  shown() {
    const chosen = this.panel();
    if (chosen.layer) return chosen;
    return this.data.panels.find((panel) => panel.id === this.data.stand_in && panel.layer) ?? chosen;
  }

  /** A panel's scale: its own, or the one that all explanations share. */
  scaleOf(panel) {
    return panel.scale ?? this.data.scale;
  }

  /** Takes a person's choice. */
  select(id) {
    if (this.panel().id === id) return;
    this.selected = id;
    bringIntoSight(this.strip, this.small.get(id));
    this.refresh();
    this.choose("selected", id); // an event, no state: the same may be chosen again once Back led away from it
  }

  setView(view) {
    Object.assign(this.view, clampView(view));
    fillZoom(this.root, this.view.zoom);
    this.probe.placeCrosses();
    this.redraw();
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
    event.stopPropagation(); // elsewhere on the page, left and right step through the samples
    this.select(panels[next].id);
    this.small.get(panels[next].id).focus();
  }

  onOverlayKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 }[event.key];
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (factor) this.setView(zoomedAt(this.view, MIDDLE, factor));
    else if (event.key === "0") this.setView({ zoom: 1, ...MIDDLE });
    else if (step) this.probe.step(step, event.shiftKey ? 10 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  photoRectangle() {
    const photo = findPicture(this.data.photo, this.redraw);
    return photo.state === "ready" ? containedRectangle(photo.width, photo.height) : null;
  }

  /** Writes everything that stands in words, then paints. */
  refresh() {
    const chosen = this.panel();
    const shown = this.shown();
    fillWords(this.root, this.data, chosen, shown);
    fillWithheld(this.root, this.data, this.view);
    if (chosen) {
      fillAbout(this.root, shown);
      fillSliders(this.root, shown, this.view, this.scaleOf(shown));
      fillScale(this.root, shown, this.view, this.scaleOf(shown));
      fillMarks(this.root, shown, this.view, this.data);
    }
    for (const panel of this.data.panels) {
      labelSmallPanel(this.small.get(panel.id), panel, panel === chosen, stateWords(panel, panel === chosen));
    }
    fillZoom(this.root, this.view.zoom);
    this.probe.placeCrosses();
    this.redraw();
  }

  /** The ready picture of a panel's segments, on the grid's own pixels; null where it has none or they still load. */
  segmentPicture(panel) {
    const picture = panel.segments && findPicture(panel.segments.layer, this.redraw);
    return picture?.state === "ready" ? picture : null;
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
    this.drawPhoto(ready);
    for (const panel of this.data.panels) this.drawSmall(panel, ready);
    this.drawLarge(ready);
    this.showEmpty(this.shown());
    this.probe.show();
  }

  drawPhoto(photo) {
    const compared = this.view.swiped === null ? null : reconstructionOf(this.data);
    const picture = compared && this.layerPicture(compared);
    const swiped = picture?.state === "ready" ? { picture, place: this.view.swiped } : null;
    setDivider(this.photo, compared ? this.view.swiped : null);
    setVeil(this.photo.querySelector(".veil"), photo ? "" : "The photo could not be loaded");
    const marks = marksOf(null, this.view, this.data);
    paintPanel(this.photo.querySelector(".canvas"), this.view, photo, null, this.data, marks, swiped);
  }

  drawLarge(photo) {
    const shown = this.shown();
    const lost = this.paint(this.overlay, shown, photo, marksOf(shown, this.view, this.data));
    setVeil(this.overlay.querySelector(".veil"), lost ? "Picture no longer available" : "");
  }

  /** Paints a small panel; one that is not ready shows words and no photo, which must not look like a result. */
  drawSmall(panel, photo) {
    const element = this.small.get(panel.id);
    const chosen = panel === this.panel();
    const words = stateWords(panel, chosen);
    const lost = this.paint(element, panel, words ? null : photo, []);
    const told = words || (lost ? "Picture no longer available" : "");
    setVeil(element.querySelector(".veil"), told, panel.state === "running" ? panel.progress ?? 0 : null);
    labelSmallPanel(element, panel, chosen, told);
  }

  /** Paints a panel; returns whether its picture is lost. */
  paint(element, panel, photo, marks) {
    const picture = this.layerPicture(panel);
    const segments = isHatched(panel) ? this.segmentPicture(panel) : null;
    const threshold = thresholdOf(this.view, this.scaleOf(panel));
    const layer = panel.layer ? layerOf(panel, this.view, picture, segments, threshold) : null;
    paintPanel(element.querySelector(".canvas"), this.view, photo, layer, this.data, marks);
    return Boolean(panel.layer) && picture.state === "failed";
  }

  /** Says so where nothing of the large map is left by the threshold, or there is no rectangle: else it would look broken. */
  showEmpty(panel) {
    const element = this.overlay.querySelector(".empty");
    const scale = this.scaleOf(panel);
    const words = emptyWords(panel, this.layerPicture(panel), scale, thresholdOf(this.view, scale));
    element.hidden = !words;
    setText(element, words);
  }
}

export default function viewer({ data, parentElement, setStateValue, setTriggerValue }) {
  let mounted = viewers.get(parentElement);
  if (!mounted) {
    mounted = new Viewer(parentElement);
    viewers.set(parentElement, mounted);
  } else if (!parentElement.contains(mounted.root)) {
    mounted.attach(parentElement); // the elements were made anew; the view stays
  }
  mounted.update(data, setStateValue, setTriggerValue);
}
