// What is marked, as lines over the photograph.

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** A line twice, light on dark; closed ones enclose what is marked. */
function stroke(corners, { begun }) {
  const group = element("g", { class: begun ? "begun" : "done" });
  const points = corners.map((corner) => corner.join(",")).join(" ");
  for (const layer of ["under", "over"]) group.append(element(begun ? "polyline" : "polygon", { class: layer, points }));
  return group;
}

/** The cross that the arrow keys move. */
function crossAt([left, top], size) {
  const group = element("g", { class: "cross" });
  const path = `M${left - size} ${top}H${left + size}M${left} ${top - size}V${top + size}`;
  for (const layer of ["under", "over"]) group.append(element("path", { class: layer, d: path }));
  return group;
}

/** Draws finished shapes, the one that is begun, and the cross, over a photograph of width by height. */
function drawMarks(stage, { width, height }, { outlines, begun, cross }) {
  let lines = stage.querySelector(".lines");
  if (!lines) {
    lines = element("svg", { class: "lines", "aria-hidden": "true", preserveAspectRatio: "none" });
    stage.append(lines);
  }
  lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const shapes = outlines.map((corners) => stroke(corners, { begun: false }));
  if (begun.length > 1) shapes.push(stroke(begun, { begun: true }));
  lines.replaceChildren(...shapes, crossAt(cross, Math.max(width, height) / 40));
}
