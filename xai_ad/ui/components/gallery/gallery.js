// Pictures that a model is to learn from, each with what is remarkable about it, and a box that leaves it out.

function part(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.chosen = {}; // what was ticked here, by id: the page merges it, however many of its runs are cut short
  }

  update({ data, setStateValue }) {
    this.tell = (value) => setStateValue("chosen", value);
    if (data.set !== this.set) this.chosen = {};
    this.set = data.set;
    const list = this.root.querySelector("ul");
    list.setAttribute("aria-label", data.title);
    const shown = JSON.stringify(data);
    if (shown === this.shown) return;
    this.shown = shown;
    const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
    list.replaceChildren(...data.items.map((item) => this.item(item, data.out_word, known.get(item.id))));
  }

  item(item, word, known) {
    const element = known ?? this.made(item, word);
    const out = this.chosen[item.id] ?? item.out;
    element.dataset.state = item.state;
    element.dataset.out = String(out);
    const box = element.querySelector("input");
    if (box) box.checked = out;
    return element;
  }

  made(item, word) {
    const element = document.createElement("li");
    element.dataset.id = item.id;
    const photo = part("div", "photo");
    if (item.url) {
      const image = document.createElement("img");
      image.loading = "lazy";
      image.decoding = "async";
      image.alt = item.name;
      image.addEventListener("error", () => photo.replaceChildren(part("div", "gone", "cannot be shown")));
      image.src = item.url;
      photo.append(image);
    } else {
      photo.append(part("div", "gone", "cannot be read"));
    }
    const words = part("div", "words");
    const name = part("div", "name", item.name);
    name.title = item.name;
    words.append(name, part("div", "note", item.note));
    if (item.can_choose) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.setAttribute("aria-label", `${word}: ${item.name}`);
      box.addEventListener("change", () => {
        this.chosen[item.id] = box.checked;
        element.dataset.out = String(box.checked);
        this.tell({ set: this.set, chosen: { ...this.chosen } });
      });
      label.append(box, part("span", "", word));
      words.append(label);
    }
    element.append(photo, words);
    return element;
  }
}

const galleries = new WeakMap();

export default function gallery(given) {
  const root = given.parentElement.querySelector(".gallery");
  if (!galleries.has(root)) galleries.set(root, new Gallery(root));
  galleries.get(root).update(given);
}
