// Which cells are in sight: only those are drawn, and while work goes on Python hears of them, at rest.

const NEAR = "100px"; // cells this far beyond the window are drawn already
const AT_REST = 350; // ms without a change before Python hears of it

class Sight {
  /** `grid` has root, lines(), data, redraw(), and tell(name, value). */
  constructor(grid) {
    this.grid = grid;
    this.near = new Set(); // elements of cells to draw
    this.told = null;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.near.add(target);
        else this.near.delete(target);
      }
      this.grid.redraw();
      this.moved();
    }, { rootMargin: NEAR });
  }

  watch(cell) {
    this.observer.observe(cell);
  }

  forget(cell) {
    this.observer.unobserve(cell);
    this.near.delete(cell);
  }

  /** Tells Python of the cells in sight, once nothing moved for a while. */
  moved() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), AT_REST);
  }

  report() {
    const { grid } = this;
    if (!grid.root.isConnected || !grid.cells().some(({ state }) => UNDONE.includes(state))) return;
    const ids = grid.lines().flat().filter((cell) => this.near.has(cell) && this.isInSight(cell)).map((cell) => cell.dataset.id);
    const told = ids.join("\n");
    if (told === this.told) return;
    this.told = told;
    grid.tell("visible", ids);
  }

  isInSight(cell) {
    const box = cell.querySelector(".panel").getBoundingClientRect();
    const rows = this.grid.root.querySelector(".rows").getBoundingClientRect();
    const heads = this.grid.root.querySelector(".heads").getBoundingClientRect();
    return box.bottom > heads.bottom && box.top < window.innerHeight && box.right > rows.left && box.left < rows.right;
  }
}
