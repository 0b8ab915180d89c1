// What lies over a picture in words and signs: text, its cover while there is no picture, a marker.

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text; // an equal text must not be announced again
}

function makeElement(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Makes `parent` show one element for each of `ids`, in order: the one it has, else what `make(id)` returns. Returns {id: element}. */
function arrangeElements(parent, ids, make) {
  const known = new Map([...parent.children].map((element) => [element.dataset.id, element]));
  const elements = new Map();
  ids.forEach((id, index) => {
    const element = known.get(id) ?? make(id);
    element.dataset.id = id;
    known.delete(id);
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
    elements.set(id, element);
  });
  known.forEach((element) => element.remove());
  return elements;
}

/** Covers a panel that has no picture with `words` and, given a `progress` in [0, 1], a bar. Without words the cover goes. */
function setVeil(veil, words, progress = null) {
  veil.hidden = !words;
  if (!veil.firstChild) {
    veil.append(makeElement("span", "message"), makeElement("span", "progress"));
    veil.lastChild.append(makeElement("span", ""));
  }
  const [text, bar] = veil.children;
  setText(text, words);
  bar.hidden = progress === null;
  if (progress !== null) bar.firstChild.style.width = `${Math.min(Math.max(progress, 0), 1) * 100}%`;
}

/** Places a panel's marker at `place` (shares of its sides), or hides it. */
function setCross(cross, place) {
  const inside = place && place.x >= 0 && place.y >= 0 && place.x <= 1 && place.y <= 1;
  cross.hidden = !inside;
  if (!inside) return;
  cross.style.left = `${place.x * 100}%`;
  cross.style.top = `${place.y * 100}%`;
}
