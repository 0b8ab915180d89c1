// A table of figures between the same things in rows and columns. A figure's shade grows with it; the figure is always there.

const MINUS = "\u2212";

function written(value) {
  if (value === null) return "\u2013";
  const digits = Math.abs(value).toFixed(2);
  return value < 0 && Number(digits) !== 0 ? `${MINUS}${digits}` : digits;
}

function heading(text, scope) {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.textContent = text;
  cell.title = text;
  return cell;
}

function figureCell(value, low) {
  const cell = document.createElement("td");
  cell.textContent = written(value);
  if (value === null) {
    cell.className = "self";
    return cell;
  }
  const shade = Math.min(Math.max((value - low) / (1 - low), 0), 1);
  cell.style.setProperty("--shade", shade.toFixed(3));
  return cell;
}

export default function matrix({ data, parentElement }) {
  const root = parentElement.querySelector(".matrix");
  root.setAttribute("aria-label", data.caption);
  root.querySelector("caption").textContent = data.caption;
  const top = document.createElement("tr");
  top.append(document.createElement("td"), ...data.names.map((name) => heading(name, "col")));
  root.querySelector("thead").replaceChildren(top);
  const rows = data.names.map((name, row) => {
    const line = document.createElement("tr");
    line.append(heading(name, "row"), ...data.values[row].map((value) => figureCell(value, data.low)));
    return line;
  });
  root.querySelector("tbody").replaceChildren(...rows);
}
