// What a person chose to see, one `view` for every picture of a component: {zoom, x, y, opacity, changed, outlined,
// truth}. What was never touched follows the data.

const MIDDLE = { x: 0.5, y: 0.5 };

/** What is seen before a person changed anything. */
function startingView() {
  return {
    zoom: 1, ...MIDDLE,
    opacity: { map: 0.7, picture: 1, rectangles: 1 },
    changed: {}, // by the kind of change: whether its changed picture is shown, where a person switched it
    outlined: null, truth: null, // whether they are drawn, where a person switched it
  };
}

/** Whether a panel shows its changed picture: as it was switched, else as it starts. */
function isChanged(panel, view) {
  return panel.change ? view.changed[panel.change.id] ?? panel.change.shown : false;
}

/** Whether the strongest evidence is outlined. */
function isOutlined(view, data) {
  return view.outlined ?? Boolean(data.outlined);
}

/** Whether the true defect is outlined, where it is known. */
function isTruthShown(view, data) {
  return Boolean(data.truth) && (view.truth ?? data.truth.shown);
}

/** The outlines over a panel: null stands for the photo, which has no evidence. */
function marksOf(panel, view, data) {
  const marks = [];
  if (panel?.outlines && isOutlined(view, data)) marks.push({ polygons: panel.outlines, style: EVIDENCE });
  if (isTruthShown(view, data)) marks.push({ polygons: data.truth.outlines, style: TRUTH });
  return marks;
}

/**
 * What `paintPanel` lays over the photo of an explanation: its `picture`, ready or not, with the mask of what is not
 * sure. `threshold` is a strength on the map's own scale; `stretch` is null, or how another scale colours it.
 */
function layerOf(panel, view, picture, segments, threshold, stretch = null) {
  const rectangles = panel.kind === "rectangles";
  const hidden = picture?.state !== "ready" || (rectangles && !isChanged(panel, view));
  return {
    kind: panel.kind,
    picture: hidden ? null : picture,
    signed: Boolean(panel.signed),
    threshold,
    stretch,
    opacity: view.opacity[panel.kind],
    boxes: rectangles ? panel.rectangles ?? [] : [],
    unsure: segments && unsureMask(segments, panel.segments),
  };
}

/** What is said over an explanation that would else look broken: no rectangle, or nothing left by the threshold. */
function emptyWords(panel, picture, scale, threshold) {
  if (panel.kind === "rectangles") {
    return panel.state === "ready" && !panel.rectangles?.length ? panel.empty ?? "" : "";
  }
  const isMap = panel.kind === "map" && picture?.state === "ready";
  if (!isMap || largestStrength(picture, Boolean(panel.signed)) >= threshold) return "";
  return `Nothing above ${formatFigure(scaleValue(scale, threshold))}`;
}

/** Says how large things are, and which of the buttons still does anything. */
function fillZoom(root, zoom) {
  root.dataset.zoom = String(Math.round(zoom * 100) / 100);
  root.dataset.zoomed = String(zoom > 1);
  setText(root.querySelector("#zoom-figure"), `${zoom.toFixed(1)}\u00d7`);
  root.querySelector("[data-testid=zoom-out]").setAttribute("aria-disabled", String(zoom <= 1));
  root.querySelector("[data-testid=zoom-reset]").setAttribute("aria-disabled", String(zoom <= 1));
  root.querySelector("[data-testid=zoom-in]").setAttribute("aria-disabled", String(zoom >= LARGEST_ZOOM));
}
