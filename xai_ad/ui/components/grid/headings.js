// The headings: of a method its name and its scale, of a model its name, verdict and score.

const SIGNS = { // of a verdict, in a square of 16: never its colour alone
  pass: "M3.5 8.5 6.5 11.5 12.5 4.5",
  fail: "M4 4 12 12 M12 4 4 12",
  borderline: "M8 3.5 V8.6 M8 12 V12.2",
  stranger: "M5.5 6 a2.5 2.5 0 1 1 3.6 2.2 q-1.1 .6 -1.1 1.6 M8 12.3 V12.5",
  typical: "M8 5.2 a2.8 2.8 0 1 0 .01 0 M8 7.9 V8.1",
  atypical: "M6.6 6.4 a2.8 2.8 0 1 0 .01 0 M12.4 3.5 V3.7",
};

const TICK_WIDTH = 40; // CSS pixels that a figure on a scale needs

function makeSign(look) {
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  sign.setAttribute("viewBox", "0 0 16 16");
  sign.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SIGNS[look]);
  sign.append(path);
  return sign;
}

/** Writes a model's heading; without a verdict yet, only what is known. */
function fillModel(line, row) {
  const heading = line.querySelector(".heading");
  const write = (name, text) => setText(heading.querySelector(`.${name}`), text);
  write("name", row.title);
  heading.querySelector(".name").title = row.title;
  write("score", row.score);
  write("detail", row.detail);
  write("missed", row.truth?.missed ?? "");
  const verdict = heading.querySelector(".verdict");
  const told = `${row.look} ${row.verdict}`;
  if (verdict.dataset.told !== told) {
    verdict.dataset.told = told;
    verdict.dataset.look = row.look;
    verdict.replaceChildren(...(row.verdict ? [...(row.look ? [makeSign(row.look)] : []), row.verdict] : []));
  }
  const unable = line.querySelector(".unable");
  unable.hidden = !row.message;
  setText(unable, row.message);
}

/** Writes a method's heading: its name, and the scale of its maps as far as any is there. */
function fillMethod(head, column, scale, view, { drawsRegions }) {
  setText(head.querySelector(".name"), column.title);
  head.title = column.sentence;
  head.querySelector(".region").hidden = Boolean(scale) || !drawsRegions;
  const legend = head.querySelector(".scale");
  legend.hidden = !scale;
  if (!scale) return;
  const apart = TICK_WIDTH / head.clientWidth;
  fillBar(head, scale.scale, scale.signed, scaleStrength(scale.scale, startOf(view, scale.scale)), apart);
  const { low, zero, high, unit } = scale.scale;
  legend.title = `${column.title}: ${unit}`;
  head.querySelectorAll(".words span").forEach((word, index) => setText(word, [scale.signed ? low : zero, high][index]));
}
