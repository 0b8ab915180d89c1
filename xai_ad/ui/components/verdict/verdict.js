// The verdict: colour, icon and word, whose picture it is of, then the figures behind it.

/** The verdict as plain sentences, for those who hear it. */
function spokenVerdict(data) {
  const score = data.state === "stranger" ? "" : `${formatFigure(data.score)} ${data.score_label}.`;
  const parts = [`${data.file.name}:`, `${data.verdict}.`, data.headline && `${data.headline}.`, score];
  return [...parts, data.disclaimer, ...data.advice, data.caption, data.rates, data.caution].filter(Boolean).join(" ");
}

/** The letters of the longest line where the words break over at most two lines, at the best place. */
function longestLine(words) {
  const places = words.split(" ").map((_, at, all) => [all.slice(0, at), all.slice(at)]);
  return Math.min(...places.map((lines) => Math.max(...lines.map((line) => line.join(" ").length))));
}

function makeItem(className, text) {
  const item = document.createElement("li");
  item.className = className;
  item.textContent = text;
  return item;
}

/** What the chart's marks are; only those that it shows. */
function fillLegend(list, data) {
  const total = (name) => data.bins.reduce((sum, bin) => sum + bin[name], 0);
  const [normal, abnormal] = [total("normal"), total("abnormal")];
  const beyond = data.bins.length > 0 && data.score > data.bins.at(-1).end;
  const last = data.bins.at(-1);
  list.replaceChildren(...[
    normal > 0 && makeItem("normal", `${normal} ${data.normal_word}`),
    abnormal > 0 && makeItem("abnormal", `${abnormal} ${data.abnormal_word}`),
    makeItem(beyond ? "mark off" : "mark", beyond ? "this picture, off the chart" : "this picture"),
    makeItem("line", "limit (1\u00d7)"),
    data.interval && makeItem("unsure", "the limit may as well lie here"),
    last?.open && makeItem("open", `last bar: ${formatEnd(last.end)} and more`),
  ].filter(Boolean));
}

function fillDetails(list, rows) {
  list.replaceChildren(...rows.flatMap(({ label, value }) => {
    const [term, description] = ["dt", "dd"].map((name) => document.createElement(name));
    term.textContent = label;
    description.textContent = value;
    return [term, description];
  }));
}

export default function verdict({ data, parentElement }) {
  const root = parentElement.querySelector(".verdict");
  const write = (selector, text) => { root.querySelector(selector).textContent = text; };
  root.dataset.verdict = data.verdict;
  root.dataset.state = data.state;
  root.dataset.look = data.look;
  root.dataset.score = String(data.score);
  root.dataset.limit = String(data.limit);
  root.setAttribute("aria-label", spokenVerdict(data));
  root.style.setProperty("--letters", String(Math.max(longestLine(data.verdict), 4)));
  write(".word", data.verdict);
  write(".headline", data.headline);
  write(".file-name", data.file.name);
  root.querySelector(".file").title = data.file.name;
  write(".file-detail", data.file.detail);
  write(".score", `${formatFigure(data.score)}\u00d7`);
  for (const name of ["score-label", "caption", "rates", "caution", "disclaimer"]) write(`.${name}`, data[name.replace("-", "_")]);
  root.querySelector(".advice").replaceChildren(...data.advice.map((text) => makeItem("", text)));
  fillDetails(root.querySelector(".details"), data.details);
  const histogram = root.querySelector(".histogram");
  const normal = data.bins.reduce((sum, bin) => sum + bin.normal, 0);
  histogram.setAttribute("aria-label", `Histogram of the scores of ${normal} ${data.normal_word}, with limit and score`);
  drawHistogram(histogram, data);
  fillLegend(root.querySelector(".legend"), data);
}
