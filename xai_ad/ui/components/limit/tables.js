// What is said of a set at a limit beside its pictures: figures, the four counts, each class, and what went wrong.

const WORST = 8; // so many pictures of each kind of mistake are shown

function percentOf(share) {
  return share > 0 && share < 0.01 ? "under 1\u00a0%" : `${Math.round(share * 100)}\u00a0%`;
}

function countWords(part, whole) {
  return `${part.toLocaleString("en")} of ${whole.toLocaleString("en")}`;
}

/** The large figures; what a set without both kinds cannot tell is a dash. */
function fillFigures(root, scored, found) {
  const { recall, falseAlarm, f1, balanced } = rates(found);
  const write = (name, text, detail = "") => {
    const figure = root.querySelector(`[data-figure="${name}"]`);
    figure.querySelector("b").textContent = text;
    figure.querySelector("i").textContent = detail;
  };
  const [normal, abnormal] = [scored.normal.length, scored.abnormal.length];
  write("rejected", normal ? countWords(found.falseAlarms, normal) : "\u2013", normal ? percentOf(falseAlarm) : "");
  write("caught", abnormal ? countWords(found.hits, abnormal) : "\u2013", abnormal ? percentOf(recall) : "");
  write("f1", scored.hasBoth ? f1.toFixed(3) : "\u2013");
  write("balanced", scored.hasBoth ? percentOf(balanced) : "\u2013");
  for (const name of ["hits", "misses", "falseAlarms", "passes"]) {
    root.querySelector(`[data-count="${name}"]`).textContent = found[name].toLocaleString("en");
  }
}

function makeCell(name, text, className = "") {
  const cell = document.createElement(name);
  cell.textContent = text;
  cell.className = className;
  if (name === "th") cell.scope = "row";
  return cell;
}

/** What is in either pile that a limit makes. */
function precisionWords({ hits, falseAlarms, misses, passes }, words) {
  const flagged = `Of ${(hits + falseAlarms).toLocaleString("en")} ${words.flagged_ones}, ${hits.toLocaleString("en")} are ${words.abnormal}`;
  return `${flagged}; of ${(misses + passes).toLocaleString("en")} ${words.passed_ones}, ${misses.toLocaleString("en")} are.`;
}

/** A row for each class of anomalous images; `areas` are their AUC-ROC with its interval, or null. */
function drawKinds(body, { names, areas }, scored) {
  const rows = names.map((name, kind) => {
    const row = document.createElement("tr");
    row.dataset.kind = String(kind);
    const area = areas[kind];
    const words = area ? `${area[0].toFixed(3)} (${area[1].toFixed(2)}\u2013${area[2].toFixed(2)})` : "\u2013";
    row.append(makeCell("th", name), makeCell("td", scored.kinds[kind].length.toLocaleString("en")), makeCell("td", words), makeCell("td", "", "caught"), makeCell("td", "", "missed"));
    return row;
  });
  body.replaceChildren(...rows.filter((row) => scored.kinds[Number(row.dataset.kind)].length));
}

function fillKinds(body, scored, limit) {
  for (const row of body.rows) {
    const scores = scored.kinds[Number(row.dataset.kind)];
    const caught = countAbove(scores, limit);
    row.querySelector(".caught").textContent = `${countWords(caught, scores.length)}`;
    const missed = row.querySelector(".missed");
    missed.textContent = (scores.length - caught).toLocaleString("en");
    missed.dataset.any = String(caught < scores.length);
  }
}

/** The pictures that a limit gets most wrong: normal ones far above it, anomalous ones far below. */
function worstOf(pictures, limit) {
  const alarms = pictures.filter(({ label, score }) => label === 0 && score > limit).sort((one, other) => other.score - one.score);
  const misses = pictures.filter(({ label, score }) => label === 1 && score <= limit).sort((one, other) => one.score - other.score);
  return { alarms: alarms.slice(0, WORST), misses: misses.slice(0, WORST) };
}

/** Shows pictures with their scores; only where they are others than before. */
function fillPictures(holder, pictures, raw) {
  const shown = pictures.map(({ url }) => url).join(" ");
  if (holder.dataset.shown === shown) return;
  holder.dataset.shown = shown;
  holder.replaceChildren(...pictures.map(({ url, name, link, score }) => {
    const times = `${formatFigure(score / raw)}\u00d7`;
    const frame = document.createElement(link ? "a" : "figure");
    frame.className = "picture";
    if (link) {
      frame.href = link;
      frame.target = "_self";
      frame.title = `${name}: inspect it`;
    } else frame.title = name;
    const image = document.createElement("img");
    image.src = url;
    image.alt = name;
    image.loading = "lazy";
    const words = document.createElement("span");
    words.textContent = times;
    const file = document.createElement("small");
    file.textContent = name;
    frame.append(image, words, file);
    return frame;
  }));
}
