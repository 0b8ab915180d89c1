// The ROC and precision-recall curves, and where the limit stands on them.

const CURVE = { side: 200, left: 34, bottom: 30, top: 8, right: 8 };

function curvePlace([x, y]) {
  const [wide, high] = [CURVE.side - CURVE.left - CURVE.right, CURVE.side - CURVE.top - CURVE.bottom];
  return [CURVE.left + x * wide, CURVE.top + (1 - y) * high];
}

function pathOf(points) {
  return points.map((point, place) => `${place ? "L" : "M"}${curvePlace(point).map((value) => value.toFixed(1)).join(" ")}`).join("");
}

/** Draws a curve between 0 and 1 with its axes' names; `other` is that of another model, dashed. */
function drawCurve(svg, points, { across, up, chance, other }) {
  const [left, bottom] = curvePlace([0, 0]);
  const [right, top] = curvePlace([1, 1]);
  svg.setAttribute("viewBox", `0 0 ${CURVE.side} ${CURVE.side}`);
  const ticks = [0, 0.5, 1].flatMap((value) => {
    const [x, y] = curvePlace([value, value]);
    return [
      makeShape("line", "grid", { x1: x, x2: x, y1: top, y2: bottom }),
      makeShape("line", "grid", { x1: left, x2: right, y1: y, y2: y }),
      makeShape("text", "", { x, y: bottom + 12, "text-anchor": "middle" }, String(value)),
      makeShape("text", "", { x: left - 5, y: y + 3.5, "text-anchor": "end" }, String(value)),
    ];
  });
  svg.replaceChildren(
    ...ticks,
    makeShape("text", "", { x: (left + right) / 2, y: bottom + 25, "text-anchor": "middle" }, across),
    makeShape("text", "", { transform: `translate(9 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, up),
    makeShape("path", "chance", { d: pathOf(chance) }),
    ...(other ? [makeShape("path", "other", { d: pathOf(other) })] : []),
    makeShape("path", "points", { d: pathOf(points) }),
    makeShape("circle", "here", { r: 5 }),
  );
}

function moveOnCurve(svg, point) {
  const [x, y] = curvePlace(point);
  const here = svg.querySelector(".here");
  here.setAttribute("cx", x);
  here.setAttribute("cy", y);
}
