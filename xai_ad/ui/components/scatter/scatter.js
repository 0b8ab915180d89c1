// Images as points, once for each of some models: normal ones are circles, anomalous ones triangles. A class can be picked out.

const MARGIN = 14; // CSS pixels
const SIZE = 3.2;
const NEAR = 12;
const EVERY = "every";

/** Where points lie in a canvas: both directions on one scale, so that distances are true. */
class Plane {
  constructor(across, up, width, height) {
    const [left, right, low, high] = [Math.min(...across), Math.max(...across), Math.min(...up), Math.max(...up)];
    this.scale = Math.min((width - 2 * MARGIN) / (right - left || 1), (height - 2 * MARGIN) / (high - low || 1));
    this.x = (value) => width / 2 + (value - (left + right) / 2) * this.scale;
    this.y = (value) => height / 2 - (value - (low + high) / 2) * this.scale;
  }
}

function mark(pen, x, y, isAbnormal) {
  pen.beginPath();
  if (isAbnormal) {
    pen.moveTo(x, y - SIZE - 0.6);
    pen.lineTo(x + SIZE + 0.4, y + SIZE - 0.4);
    pen.lineTo(x - SIZE - 0.4, y + SIZE - 0.4);
    pen.closePath();
  } else pen.arc(x, y, SIZE - 0.4, 0, 2 * Math.PI);
  pen.fill();
}

class Scatter {
  constructor(root) {
    this.root = root;
    this.kind = EVERY;
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(root);
    this.themed = matchMedia("(prefers-color-scheme: dark)");
    this.themed.addEventListener("change", () => setTimeout(() => this.draw(), 100));
  }

  async update({ data }) {
    this.data = data;
    if (this.url === data.url) {
      this.draw();
      return;
    }
    this.url = data.url;
    try {
      const answer = await fetch(data.url);
      if (!answer.ok) throw new Error(String(answer.status));
      const drawn = await answer.json();
      if (this.url !== data.url) return; // a newer one is on its way
      this.drawn = drawn;
      this.kind = EVERY;
      this.build();
    } catch (error) {
      this.root.querySelector(".reading").textContent = "The points could not be loaded. Reload the page.";
      console.warn(error);
    }
  }

  build() {
    const { names, panels } = this.drawn;
    const button = (name, title) => {
      const item = document.createElement("li");
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = title;
      made.addEventListener("click", () => {
        this.kind = name;
        this.draw();
      });
      made.dataset.kind = String(name);
      item.append(made);
      return item;
    };
    this.root.querySelector(".kinds").replaceChildren(button(EVERY, this.data.every), ...names.map((name, place) => button(place, name)));
    this.root.querySelector(".panels").replaceChildren(...panels.map((panel, place) => {
      const figure = document.createElement("figure");
      const title = document.createElement("h3");
      title.textContent = panel.title;
      const canvas = document.createElement("canvas");
      canvas.className = "marks";
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${panel.title}: ${panel.about}`);
      canvas.addEventListener("pointermove", (event) => this.read(event, place));
      const caption = document.createElement("figcaption");
      caption.textContent = panel.about;
      figure.append(title, canvas, caption);
      return figure;
    }));
    this.draw();
  }

  draw() {
    if (!this.drawn) return;
    for (const button of this.root.querySelectorAll(".kinds button")) {
      button.setAttribute("aria-pressed", String(button.dataset.kind === String(this.kind)));
    }
    this.planes = this.drawn.panels.map((panel, place) => this.drawPanel(this.root.querySelectorAll("canvas")[place], panel));
    this.root.dataset.drawn = String(this.drawn.labels.length);
  }

  drawPanel(canvas, { across, up }) {
    const { width, height } = canvas.getBoundingClientRect();
    if (width < 20) return null;
    const density = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    const plane = new Plane(across, up, width, height);
    const style = getComputedStyle(canvas);
    const colours = [style.getPropertyValue("--st-gray-color"), style.getPropertyValue("--st-orange-color")];
    const { labels, kinds } = this.drawn;
    const chosen = (place) => this.kind === EVERY || kinds[place] === this.kind;
    for (const isChosen of [false, true]) { // what was picked lies on top
      for (const label of [0, 1]) {
        pen.fillStyle = colours[label];
        pen.globalAlpha = isChosen ? 0.8 : 0.13;
        labels.forEach((found, place) => {
          if (found === label && chosen(place) === isChosen) mark(pen, plane.x(across[place]), plane.y(up[place]), label === 1);
        });
      }
    }
    return plane;
  }

  /** Says which point is under the pointer. */
  read(event, place) {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const { across, up } = this.drawn.panels[place];
    const plane = this.planes[place];
    let [best, least] = [null, NEAR];
    across.forEach((value, at) => {
      const distance = Math.hypot(plane.x(value) - x, plane.y(up[at]) - y);
      if (distance < least) [best, least] = [at, distance];
    });
    this.root.querySelector(".reading").textContent = best === null ? "" : `${this.drawn.names[this.drawn.kinds[best]]}: ${formatFigure(this.drawn.times[best])}\u00d7 the limit`;
  }
}

const scatters = new WeakMap();

export default function scatter(given) {
  const root = given.parentElement.querySelector(".scatter");
  if (!scatters.has(root)) scatters.set(root, new Scatter(root));
  scatters.get(root).update(given);
}
