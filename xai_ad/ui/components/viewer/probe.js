// The value under the pointer or the keyboard's marker: one place, marked in every panel and read from the large map.

class Probe {
  /** `viewer` has root, data, view, overlay, shown(), panels(), and what its layers are. */
  constructor(viewer) {
    this.viewer = viewer;
    this.at = null; // {point, from}: where the value is read, and the panel the pointer is on (null: keyboard)
  }

  set(at) {
    this.at = at;
    this.viewer.root.querySelector(".readout").setAttribute("aria-live", at && !at.from ? "polite" : "off");
    this.placeCrosses();
    this.show();
  }

  /** Forgets a place that the pointer has left; the keyboard's stays until the panel loses focus. */
  leave(event) {
    if (this.at?.from && !event.composedPath().includes(this.at.from)) this.set(null);
  }

  /** Moves the keyboard's marker by grid cells; the view follows it. */
  step([columns, rows], length) {
    const { data, view } = this.viewer;
    const rectangle = this.viewer.photoRectangle();
    const point = this.at?.point ?? { x: view.x, y: view.y };
    const cell = rectangle && pointToCell(point, rectangle, data);
    if (!cell) return;
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const next = cellToPoint({
      column: clamp(cell.column + columns * length, data.width),
      row: clamp(cell.row + rows * length, data.height),
    }, rectangle, data);
    const place = pointToScreen(view, next);
    const beyond = (value) => Math.min(value - 0.05, 0) + Math.max(value - 0.95, 0);
    this.viewer.setView(movedBy(view, -beyond(place.x), -beyond(place.y)));
    this.set({ point: next, from: null });
  }

  placeCrosses() {
    const place = this.at && pointToScreen(this.viewer.view, this.at.point);
    for (const panel of this.viewer.panels()) {
      setCross(panel.querySelector(".cross"), this.at?.from === panel ? null : place);
    }
  }

  /** Writes the value at the place, and marks it on the colour bar. */
  show() {
    const readout = this.viewer.root.querySelector(".readout");
    const rectangle = this.at && this.viewer.photoRectangle();
    const cell = rectangle && pointToCell(this.at.point, rectangle, this.viewer.data);
    readout.hidden = !cell;
    const panel = this.viewer.shown();
    const signed = Boolean(panel?.signed);
    const isMap = cell && panel?.kind === "map";
    const strength = isMap ? strengthAt(this.viewer.layerPicture(panel), signed, cell, this.viewer.data) : null;
    markScale(this.viewer.root, strength, signed);
    if (!cell) return;
    const segments = strength === null ? null : this.viewer.segmentPicture(panel);
    const region = segments && regionAt(segments, panel.segments, cell);
    const parts = [`x\u00a0${cell.column}`, `y\u00a0${cell.row}`];
    if (region) parts.push(`${formatFigure(region.value)} of the limit`);
    else if (strength !== null) parts.push(readFigure(this.viewer.scaleOf(panel), strength, signed));
    setText(readout, parts.join(" \u00b7 ") + (region?.interval ? `\n${intervalWords(region.interval)}` : ""));
  }
}
