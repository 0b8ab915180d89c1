// The value at one place, read in every cell: the pointer is on one picture, a marker shows the place in all others.

class LinkedProbe {
  /** `grid` has root, view, sight, shared, found(element), picture(cell), segments(cell) and photoRectangle(row). */
  constructor(grid) {
    this.grid = grid;
    this.at = null; // {point, from}: the place, and the cell that the pointer is on
  }

  set(at) {
    this.at = at;
    this.grid.redraw();
  }

  /** Forgets a place that the pointer has left. */
  leave(event) {
    if (this.at && !event.composedPath().includes(this.at.from)) this.set(null);
  }

  /** Writes the values into the cells in sight, and marks on the columns' scales those of the row that is pointed at. */
  show() {
    const { grid, at } = this;
    const marked = new Map();
    for (const element of grid.sight.near) {
      const found = grid.found(element);
      const reading = at && found && this.read(found);
      const place = reading && pointToScreen(grid.view, at.point);
      setCross(element.querySelector(".cross"), element === at?.from ? null : place);
      const readout = element.querySelector(".readout");
      readout.hidden = !reading?.words;
      if (reading?.words) setText(readout, reading.words);
      if (reading && found.row === grid.found(at.from)?.row) marked.set(found.index, reading.strength);
    }
    grid.heads().forEach((head, index) => {
      markScale(head, marked.get(index)?.strength ?? null, marked.get(index)?.signed ?? false);
    });
  }

  /** {words, strength} at the place in a cell; null where it shows nothing, or the place is beside its photo. */
  read({ row, cell }) {
    if (cell.state !== "ready") return null;
    const rectangle = this.grid.photoRectangle(row);
    const place = rectangle && pointToCell(this.at.point, rectangle, row);
    if (!place) return null;
    const signed = Boolean(cell.signed);
    const strength = cell.kind === "map" ? strengthAt(this.grid.picture(cell), signed, place, row) : null;
    if (strength === null) return { words: "", strength: null };
    const segments = this.grid.segments(cell);
    const words = segments
      ? formatFigure(regionAt(segments, cell.segments, place).value)
      : readFigure(cell.scale, strength, signed);
    const shared = this.grid.shared.get(cell.scale.id);
    return { words, strength: { strength: scaleStrength(shared, scaleValue(cell.scale, strength)), signed } };
  }
}
