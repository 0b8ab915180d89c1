// The verdict: colour, icon and word, then the figures behind it.

/** The verdict as one plain sentence, for those who hear it. */
function spokenVerdict(data) {
  const figures = `${data.score_label} ${formatFigure(data.score)}, ${data.limit_label} ${formatFigure(data.limit)}`;
  return [`${data.verdict}.`, `${figures}.`, data.caption, data.measure, data.disclaimer].filter(Boolean).join(" ");
}

function fillLegend(list, data) {
  const total = (name) => data.bins.reduce((sum, bin) => sum + bin[name], 0);
  const entries = [["normal", data.normal_word], ["abnormal", data.abnormal_word]];
  list.replaceChildren(...entries.filter(([name]) => total(name) > 0).map(([name, word]) => {
    const item = document.createElement("li");
    item.className = name;
    item.textContent = word;
    return item;
  }));
}

export default function verdict({ data, parentElement }) {
  const root = parentElement.querySelector(".verdict");
  const write = (selector, text) => { root.querySelector(selector).textContent = text; };
  root.dataset.verdict = data.verdict;
  root.dataset.abnormal = String(data.abnormal);
  root.dataset.score = String(data.score);
  root.dataset.limit = String(data.limit);
  root.setAttribute("aria-label", spokenVerdict(data));
  root.style.setProperty("--letters", String(Math.max(data.verdict.length, 4)));
  write(".word", data.verdict);
  write(".score-label", data.score_label);
  write(".score", formatFigure(data.score));
  write(".limit-label", data.limit_label);
  write(".limit", formatFigure(data.limit));
  write(".caption", data.caption);
  write(".measure", data.measure);
  write(".disclaimer", data.disclaimer);
  const histogram = root.querySelector(".histogram");
  const normal = data.bins.reduce((sum, bin) => sum + bin.normal, 0);
  histogram.setAttribute("aria-label", `Histogram of the scores of ${normal} ${data.normal_word}, with limit and score`);
  drawHistogram(histogram, data);
  fillLegend(root.querySelector(".legend"), data);
}
