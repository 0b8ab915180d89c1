// The grid: one view (zoom, place, opacity, thresholds, marks) over all cells, and only those in sight are drawn.

const grids = new WeakMap(); // by mounting element: the view outlives every change of data

const FINE = 0.7; // of the weight that outlines have: on a small picture they would hide what they outline

class Grid {
  constructor(parent) {
    this.view = {
      ...startingView(),
      starts: {}, // by the scale's id: the value that maps are drawn from, where a person chose it
    };
    this.shared = new Map();
    this.probe = new LinkedProbe(this);
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
    this.root = parent.querySelector(".comparison");
    this.sight?.observer.disconnect();
    this.sight = new Sight(this);
    this.elements = new Map(); // cell's element -> {row, cell, index}
    this.current = null;
    watchTools(this);
    watchKeys(this);
    this.listening?.abort();
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const kind of ["pointermove", "pointerdown"]) {
      document.addEventListener(kind, (event) => this.probe.leave(event), { signal, passive: true });
    }
    document.documentElement.addEventListener("pointerleave", (event) => this.probe.leave(event), { signal });
    window.addEventListener("resize", () => this.arrange(), { signal });
    document.addEventListener("scroll", () => this.sight.moved(), { signal, passive: true, capture: true });
    this.root.querySelector(".rows").addEventListener("scroll", () => followSideways(this.root), { passive: true });
    const resized = new ResizeObserver(() => this.arrange());
    for (const element of [this.root.parentElement, this.root.querySelector(".tools")]) resized.observe(element);
  }

  /** Takes new data from Python. */
  update(data, tell, trigger) {
    this.data = data;
    this.tell = tell;
    this.trigger = trigger;
    this.root.dataset.opens = String(data.opens !== false);
    this.shared = sharedScales(data.rows);
    this.arrangeHeads();
    this.arrangeRows();
    this.arrange();
    this.refresh();
    this.sight.moved();
  }

  arrange() {
    if (!this.data) return;
    const aspects = this.data.rows.map((row) => panelAspect(row.aspect));
    arrangeGrid(this.root, Math.max(this.data.columns.length, 1), aspects.length ? Math.max(...aspects) : 1);
    followSideways(this.root);
    this.fillHeads(); // as many figures as there is room for
    this.redraw();
  }

  arrangeHeads() {
    const line = this.root.querySelector(".heads .line");
    const ids = ["", ...this.data.columns.map((column) => column.id)]; // the first is the corner's
    arrangeElements(line, ids, (id) => fromTemplate(this.root, id ? "head" : "corner"));
  }

  arrangeRows() {
    const lines = arrangeElements(this.root.querySelector(".rows"), this.data.rows.map((row) => row.id), (id) => {
      const line = fromTemplate(this.root, "model");
      line.dataset.testid = `row-${id}`;
      return line;
    });
    const before = new Set(this.elements.keys());
    this.elements = new Map();
    for (const row of this.data.rows) this.arrangeCells(lines.get(row.id), row);
    for (const element of before) if (!this.elements.has(element)) this.sight.forget(element);
    const lost = !this.current?.isConnected;
    if (lost && this.lines().flat().length) setCurrent(this, this.lines().flat()[0]);
  }

  arrangeCells(line, row) {
    const own = [...line.children].slice(0, 2); // the heading, and the message in place of cells
    ["heading", "unable"].forEach((name, index) => { own[index].dataset.id = name; });
    fillModel(line, row);
    const ids = ["heading", "unable", ...row.cells.map((cell) => cell.id)];
    const elements = arrangeElements(line, ids, (id) => this.makeCell(id));
    own[1].dataset.id = "";
    row.cells.forEach((cell, index) => this.elements.set(elements.get(cell.id), { row, cell, index }));
  }

  makeCell(id) {
    const element = makeCell(this.root, id, (kind) => this.trigger(kind, id));
    const panel = element.querySelector(".panel");
    watchGestures(panel, panel.querySelector(".canvas"), {
      view: () => this.view,
      zoom: (place, factor) => this.setView(zoomedAt(this.view, place, factor)),
      move: (dx, dy) => this.setView(movedBy(this.view, dx, dy)),
      hover: (place) => this.probe.set(place && { point: screenToPoint(this.view, place), from: element }),
      reset: () => {}, // a click opens the cell
    }, { touch: true, keyed: true });
    watchOpening(element, () => this.open(id));
    this.sight.watch(element);
    return element;
  }

  open(id) {
    if (this.data.opens !== false) this.trigger("open", id);
  }

  cells() {
    return this.data.rows.flatMap((row) => row.cells);
  }

  /** The cells' elements by row; a row without explanations has its message alone. */
  lines() {
    return [...this.root.querySelector(".rows").children].map((line) => (
      [...line.querySelectorAll("[role=gridcell]")].filter((cell) => !cell.hidden)
    ));
  }

  heads() {
    return [...this.root.querySelectorAll(".head")];
  }

  /** {row, cell, index} of a cell's element. */
  found(element) {
    return this.elements.get(element);
  }

  setView(view) {
    Object.assign(this.view, clampView(view));
    fillZoom(this.root, this.view.zoom);
    this.redraw();
  }

  /** Writes everything that stands in words, then paints. */
  refresh() {
    fillTools(this);
    this.fillHeads();
    for (const [element, { row, cell }] of this.elements) fillCell(element, cell, row, false);
    this.redraw();
  }

  fillHeads() {
    this.heads().forEach((head, index) => {
      const drawsRegions = this.data.rows.some((row) => row.cells[index]?.kind === "rectangles");
      fillMethod(head, this.data.columns[index], columnScale(this.data.rows, index, this.shared), this.view, { drawsRegions });
    });
  }

  photoRectangle(row) {
    const photo = row.photo && findPicture(row.photo, this.redraw);
    return photo?.state === "ready" ? containedRectangle(photo.width, photo.height) : null;
  }

  picture(cell) {
    return cell.layer ? findPicture(cell.layer, this.redraw) : null;
  }

  /** The ready picture of a cell's segments; null where it has none or they still load. */
  segments(cell) {
    const picture = cell.segments && findPicture(cell.segments.layer, this.redraw);
    return picture?.state === "ready" ? picture : null;
  }

  draw() {
    if (!this.data) return;
    for (const element of this.sight.near) {
      const found = this.found(element);
      if (found?.cell.state === "ready") this.drawCell(element, found);
    }
    this.probe.show();
  }

  /** Paints a cell once photo and layer are decoded: a photo alone would look like a result. */
  drawCell(element, { row, cell }) {
    const photo = row.photo && findPicture(row.photo, this.redraw);
    const picture = this.picture(cell);
    if (photo?.state === "loading" || picture?.state === "loading") return;
    if (picture?.state === "failed" || photo?.state === "failed") fillCell(element, cell, row, true);
    if (photo?.state !== "ready") return;
    const threshold = cell.scale ? scaleStrength(cell.scale, startOf(this.view, cell.scale)) : 0;
    const stretch = cell.scale ? stretchOf(cell.scale, this.shared.get(cell.scale.id)) : null;
    const unsure = isHatched(cell) ? this.segments(cell) : null;
    const layer = layerOf(cell, this.view, picture, unsure, threshold, stretch);
    const marks = marksOf(cell, this.view, row).map(({ polygons, style }) => ({ polygons, style: { ...style, fine: FINE } }));
    paintPanel(element.querySelector(".canvas"), this.view, photo, layer, row, marks);
    fillEmpty(element, emptyWords(cell, picture, cell.scale, threshold));
  }
}

export default function grid({ data, parentElement, setStateValue, setTriggerValue }) {
  let mounted = grids.get(parentElement);
  if (!mounted) {
    mounted = new Grid(parentElement);
    grids.set(parentElement, mounted);
  } else if (!parentElement.contains(mounted.root)) {
    mounted.attach(parentElement); // the elements were made anew; the view stays
  }
  mounted.update(data, setStateValue, setTriggerValue);
}
