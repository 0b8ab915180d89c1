// The photo with the rectangle that is judged. While it is drawn, it moves here alone; letting go of it tells Python.

const STEP = 0.01; // of the photo's longer side, for a press of an arrow key
const GROWTH = 1.05;

class Cropper {
  constructor(parent) {
    this.attach(parent);
    this.held = null; // what a pressed pointer is doing
    this.isMoved = false; // by keys that are still down
  }

  attach(parent) {
    this.root = parent.querySelector(".cropper");
    this.stage = this.root.querySelector(".stage");
    this.element = this.root.querySelector(".rectangle");
    this.stage.addEventListener("pointerdown", (event) => this.take(event));
    this.stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.stage.addEventListener(end, (event) => this.letGo(event));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    for (const end of ["keyup", "blur"]) this.element.addEventListener(end, () => this.endKeys());
  }

  update(data, tell) {
    this.tell = tell;
    this.data = data;
    if (!this.held && !this.isMoved) this.rectangle = { ...data.rectangle };
    const edges = {
      left: Math.min(0, data.rectangle.left),
      top: Math.min(0, data.rectangle.top),
      right: Math.max(data.width, data.rectangle.left + data.rectangle.width),
      bottom: Math.max(data.height, data.rectangle.top + data.rectangle.height),
    };
    this.shown = { left: edges.left, top: edges.top, width: edges.right - edges.left, height: edges.bottom - edges.top };
    this.root.dataset.drawing = String(data.drawing);
    this.stage.style.setProperty("--aspect", String(this.shown.width / this.shown.height));
    const photo = this.root.querySelector(".photo");
    if (photo.getAttribute("src") !== data.photo) photo.src = data.photo;
    photo.alt = `The whole photo, ${data.width} by ${data.height} pixels`;
    this.place(photo, { left: 0, top: 0, width: data.width, height: data.height });
    const seen = this.root.querySelector(".seen");
    if (seen.getAttribute("src") !== data.network) seen.src = data.network;
    seen.alt = "What the network saw of it";
    this.root.querySelector(".network figcaption").textContent = `Network saw ${data.side} \u00d7 ${data.side}`;
    if (data.drawing) this.element.tabIndex = 0;
    else this.element.removeAttribute("tabindex");
    this.show();
  }

  place(element, { left, top, width, height }) {
    element.style.left = `${(100 * (left - this.shown.left)) / this.shown.width}%`;
    element.style.top = `${(100 * (top - this.shown.top)) / this.shown.height}%`;
    element.style.width = `${(100 * width) / this.shown.width}%`;
    element.style.height = `${(100 * height) / this.shown.height}%`;
  }

  show() {
    this.place(this.element, this.rectangle);
    const { left, top, width, height } = this.rectangle;
    const size = `${Math.round(width)} \u00d7 ${Math.round(height)}`;
    const keys = this.data.drawing ? ". Arrow keys move it, plus and minus resize it" : "";
    const place = `from column ${Math.round(left)} and row ${Math.round(top)}`;
    this.element.setAttribute("aria-label", `${size} pixels ${place}${keys}`);
    const whole = `${this.data.width} \u00d7 ${this.data.height}`;
    const beyond = this.shown.width > this.data.width || this.shown.height > this.data.height;
    this.root.querySelector(".size").textContent = beyond ? `Judged: ${size} around ${whole}` : `Judged: ${size} of ${whole}`;
  }

  /** A pointer's place in the photo's pixels. */
  pointAt(event) {
    const box = this.stage.getBoundingClientRect();
    return {
      x: clampTo(this.shown.left + ((event.clientX - box.left) / box.width) * this.shown.width, 0, this.data.width),
      y: clampTo(this.shown.top + ((event.clientY - box.top) / box.height) * this.shown.height, 0, this.data.height),
    };
  }

  take(event) {
    if (!this.data.drawing || event.button !== 0) return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const point = this.pointAt(event);
    const { left, top, width, height } = this.rectangle;
    const corner = event.target.dataset?.corner;
    if (corner) {
      const opposite = { x: corner.includes("left") ? left + width : left, y: corner.includes("top") ? top + height : top };
      this.held = { drag: (to) => spannedRectangle(this.data, opposite, to), before: this.rectangle };
    } else if (event.target === this.element) {
      const start = heldIn(this.data, this.rectangle);
      this.held = { drag: (to) => movedRectangle(this.data, start, to.x - point.x, to.y - point.y), before: this.rectangle };
    } else {
      this.held = { drag: (to) => spannedRectangle(this.data, point, to), before: this.rectangle };
    }
    this.element.focus({ preventScroll: true });
  }

  drag(event) {
    if (!this.held) return;
    this.rectangle = this.held.drag(this.pointAt(event));
    this.show();
  }

  letGo(event) {
    if (!this.held) return;
    const { before } = this.held;
    this.held = null;
    if (event.type === "pointercancel") this.rectangle = before;
    this.show();
    if (this.rectangle !== before) this.send();
  }

  onKey(event) {
    if (!this.data.drawing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEP * Math.max(this.data.width, this.data.height) * (event.shiftKey ? 5 : 1);
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const factor = { "+": GROWTH, "=": GROWTH, "-": 1 / GROWTH }[event.key];
    if (moves[event.key]) this.rectangle = movedRectangle(this.data, this.rectangle, ...moves[event.key]);
    else if (factor) this.rectangle = scaledRectangle(this.data, this.rectangle, factor);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the page's own shortcuts step to another photo
    this.isMoved = true;
    this.show();
  }

  endKeys() {
    if (!this.isMoved) return;
    this.isMoved = false;
    this.send();
  }

  send() {
    const cut = wholePixels(this.data, this.rectangle);
    const { top, left, height, width } = this.data.rectangle;
    if (cut.join() !== [top, left, height, width].join()) this.tell("cut", cut);
  }
}

const croppers = new WeakMap();

export default function cropper({ data, parentElement, setStateValue }) {
  let mounted = croppers.get(parentElement);
  if (!mounted) {
    mounted = new Cropper(parentElement);
    croppers.set(parentElement, mounted);
  } else if (!parentElement.contains(mounted.root)) {
    mounted.attach(parentElement); // the elements were made anew
  }
  mounted.update(data, setStateValue);
}
