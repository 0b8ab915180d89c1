// The elements of a cell, and what they say.

function fromTemplate(root, id) {
  return root.querySelector(`#${id}`).content.firstElementChild.cloneNode(true);
}

/** A cell that asks `asked(kind, id)` for what a person does to it: "open", "stop" or "again". */
function makeCell(root, id, asked) {
  const cell = fromTemplate(root, "cell");
  cell.dataset.testid = `cell-${id}`;
  const button = cell.querySelector(".act");
  button.addEventListener("click", (event) => {
    event.stopPropagation(); // else the click would open the cell as well
    button.disabled = true; // until the state changes: a second press would ask twice
    asked(button.dataset.asks, id);
  });
  button.addEventListener("pointerdown", (event) => event.stopPropagation());
  return cell;
}

/** Lets a click on the picture or its lines open the cell; after the gestures' own listeners, which end a drag. */
function watchOpening(cell, open) {
  for (const part of cell.children) part.addEventListener("click", open);
}

/** Writes what a cell says; `lost` where its picture is no longer there. */
function fillCell(element, cell, row, lost) {
  const words = lost ? "Picture no longer available" : cellWords(cell);
  setVeil(element.querySelector(".veil"), words, cell.state === "running" ? cell.progress ?? 0 : null);
  fillAction(element.querySelector(".act"), cell);
  element.dataset.state = cell.state;
  const spoken = spokenCell(cell, words);
  if (element.getAttribute("aria-label") !== spoken) element.setAttribute("aria-label", spoken);
  element.querySelector(".panel").style.setProperty("--aspect", String(panelAspect(row.aspect)));
  element.querySelector(".panel").title = cell.state === "failed" ? `${cell.title}: ${words}` : cell.title;
  fillNotes(element, cell);
}

function fillAction(button, cell) {
  const action = cellAction(cell);
  button.hidden = !action;
  if (!action || button.dataset.state === cell.state) return;
  button.dataset.state = cell.state;
  button.disabled = false;
  [button.dataset.asks] = action;
  setText(button, action[1]);
  button.setAttribute("aria-label", `${action[1]}: ${cell.title}`);
}

function fillNotes(element, cell) {
  const trust = element.querySelector(".trust");
  setText(trust, cell.trust ?? "");
  trust.dataset.warns = String(Boolean(cell.trust && cell.trust_warns));
  trust.title = cell.figures ?? "";
  const placed = element.querySelector(".placed");
  setText(placed, cell.placed ?? "");
  placed.title = cell.placing ?? "";
}

/** Says over a cell's picture that there is nothing to see, where it would else look broken. */
function fillEmpty(element, words) {
  const empty = element.querySelector(".empty");
  empty.hidden = !words;
  setText(empty, words);
}
