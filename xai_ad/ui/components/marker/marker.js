// A photograph on which places are marked. A shape moves here alone; once it is finished, Python is told of all.

const STEP = 0.01; // of the photograph's longer side, for a press of an arrow key
const NEAR = 11; // CSS pixels from a polygon's first corner that close it
const LEAST = 4; // CSS pixels that a rectangle's sides have at least: a mere click draws none

const HOW = {
  rectangle: "Drag over the {}. By keys: arrows move the cross, Enter sets two opposite corners.",
  polygon: "Click corner after corner around the {}, and the first again to close it. By keys: arrows move the cross, Enter sets a corner, twice in one place closes it.",
};

class Marker {
  constructor(parent) {
    this.kind = "rectangle";
    this.outlines = [];
    this.corners = []; // of the shape that is begun
    this.sent = null; // what Python was told and has not said back
    this.attach(parent);
  }

  attach(parent) {
    this.root = parent.querySelector(".marker");
    this.stage = this.root.querySelector(".stage");
    const listen = (name, act) => this.stage.addEventListener(name, act);
    listen("pointerdown", (event) => this.press(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.letGo(event));
    listen("pointercancel", () => this.drop());
    listen("dblclick", () => this.close());
    listen("keydown", (event) => this.onKey(event));
    for (const button of this.root.querySelectorAll(".kind")) {
      button.addEventListener("click", () => this.choose(button.dataset.kind));
    }
    this.root.querySelector(".undo").addEventListener("click", () => this.undo());
    this.root.querySelector(".clear").addEventListener("click", () => this.change([]));
  }

  update(data, tell) {
    this.tell = tell;
    this.data = data;
    this.cross ??= [data.width / 2, data.height / 2];
    const said = JSON.stringify(data.outlines);
    if (this.sent === null || this.sent === said) {
      this.sent = null;
      this.outlines = data.outlines;
    } // else it is an answer to what came before
    this.stage.style.setProperty("--aspect", String(data.width / data.height));
    const photo = this.stage.querySelector(".photo");
    if (photo.getAttribute("src") !== data.photo) photo.src = data.photo;
    photo.alt = `The photograph, ${data.width} by ${data.height} pixels`;
    this.show();
  }

  show() {
    drawMarks(this.stage, this.data, {
      outlines: this.outlines,
      begun: this.kind === "rectangle" && this.corners.length ? [...rectangleOf(this.corners[0], this.cross), this.corners[0]] : [...this.corners, this.cross],
      cross: this.cross,
    });
    for (const button of this.root.querySelectorAll(".kind")) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.kind));
    }
    this.root.querySelector(".undo").disabled = !this.outlines.length && !this.corners.length;
    this.root.querySelector(".clear").disabled = !this.outlines.length && !this.corners.length;
    const how = HOW[this.kind].replace("{}", this.data.place);
    this.root.querySelector(".how").textContent = how;
    this.stage.setAttribute("aria-label", `Mark the ${this.data.place}. ${how}`);
  }

  say(words) {
    this.root.querySelector(".told").textContent = words;
  }

  sayMarked() {
    const count = this.outlines.length;
    const whole = this.data.width * this.data.height;
    const share = (100 * this.outlines.reduce((sum, corners) => sum + areaOf(corners), 0)) / whole;
    const percent = share < 1 ? "under 1" : Math.min(share, 100).toFixed(0);
    this.say(count ? `${count} ${count === 1 ? "place is" : "places are"} marked, about ${percent}\u00a0% of the photograph.` : "Nothing is marked.");
  }

  choose(kind) {
    this.kind = kind;
    this.drop();
  }

  /** A pointer's place in the photograph's pixels. */
  pointAt(event) {
    const box = this.stage.getBoundingClientRect();
    const left = ((event.clientX - box.left) / box.width) * this.data.width;
    return onPhoto(this.data, [left, ((event.clientY - box.top) / box.height) * this.data.height]);
  }

  /** So many CSS pixels in the photograph's. */
  reach(pixels) {
    return (pixels * this.data.width) / this.stage.getBoundingClientRect().width;
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true, focusVisible: false });
    this.stage.setPointerCapture(event.pointerId);
    this.cross = this.pointAt(event);
    if (this.kind === "rectangle") this.corners = [this.cross];
    this.isHeld = true;
    this.show();
  }

  move(event) {
    if (!this.isHeld && !this.corners.length) return;
    if (!this.isHeld && this.kind === "rectangle") return; // begun by keys
    this.cross = this.pointAt(event);
    this.show();
  }

  letGo(event) {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.cross = this.pointAt(event);
    if (this.kind === "rectangle") this.finishRectangle(this.reach(LEAST));
    else this.addCorner(this.reach(NEAR));
  }

  /** Ends a rectangle at the cross, unless it has no sides of the least length. */
  finishRectangle(least) {
    const [start] = this.corners;
    const sides = [Math.abs(start[0] - this.cross[0]), Math.abs(start[1] - this.cross[1])];
    this.corners = [];
    if (Math.min(...sides) < Math.max(least, 0.1)) {
      this.show();
      this.say("A rectangle needs two opposite corners.");
      return;
    }
    this.change([...this.outlines, rectangleOf(start, this.cross)]);
  }

  /** Adds a corner at the cross; one near the first corner, or in the last one's place, closes the polygon. */
  addCorner(near) {
    const first = this.corners[0];
    const last = this.corners.at(-1);
    const closes = this.corners.length > 2 && (distance(first, this.cross) <= near || distance(last, this.cross) === 0);
    if (closes) {
      this.close();
      return;
    }
    this.corners = withoutRepeats([...this.corners, this.cross]);
    this.show();
    this.say(`${this.corners.length} ${this.corners.length === 1 ? "corner" : "corners"}.`);
  }

  close() {
    if (this.kind !== "polygon" || !this.corners.length) return;
    const corners = withoutRepeats(this.corners);
    if (corners.length < 3 || areaOf(corners) === 0) {
      this.say("A polygon needs three corners.");
      return;
    }
    this.corners = [];
    this.change([...this.outlines, corners]);
  }

  drop() {
    this.corners = [];
    this.isHeld = false;
    this.show();
  }

  undo() {
    if (!this.corners.length) {
      this.change(this.outlines.slice(0, -1));
      return;
    }
    this.corners = this.corners.slice(0, -1);
    this.show();
  }

  change(outlines) {
    this.corners = [];
    this.outlines = outlines;
    this.show();
    this.sayMarked();
    this.sent = JSON.stringify(outlines);
    this.tell("outlines", outlines);
  }

  onKey(event) {
    if (event.altKey || ((event.ctrlKey || event.metaKey) && event.key !== "z")) return;
    const step = STEP * Math.max(this.data.width, this.data.height) * (event.shiftKey ? 5 : 1);
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const move = moves[event.key];
    if (move) this.step(move);
    else if (event.key === "Enter" || event.key === " ") this.setCorner();
    else if (event.key === "Escape" && this.corners.length) this.drop();
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) this.undo();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page's own shortcuts step to another photo, and Escape closes what this stands in
  }

  step([right, down]) {
    this.cross = onPhoto(this.data, [this.cross[0] + right, this.cross[1] + down]);
    this.show();
    this.say(`Column ${Math.round(this.cross[0])}, row ${Math.round(this.cross[1])}.`);
  }

  setCorner() {
    if (this.kind === "polygon") {
      this.addCorner(0);
      return;
    }
    if (this.corners.length) {
      this.finishRectangle(0);
      return;
    }
    this.corners = [this.cross];
    this.show();
    this.say("First corner set.");
  }
}

const markers = new WeakMap();

export default function marker({ data, parentElement, setStateValue }) {
  let mounted = markers.get(parentElement);
  if (!mounted) {
    mounted = new Marker(parentElement);
    markers.set(parentElement, mounted);
  } else if (!parentElement.contains(mounted.root)) {
    mounted.attach(parentElement); // the elements were made anew
  }
  mounted.update(data, setStateValue);
}
