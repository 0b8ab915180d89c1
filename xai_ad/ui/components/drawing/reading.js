// What stands at a cell {column, row} of a `grid` {height, width}: a map's strength there, and its region's exact value.

/** The strength of a map's ready picture, of any resolution, at a cell; null while it is not ready. */
function strengthAt(picture, signed, { column, row }, { height, width }) {
  if (picture?.state !== "ready") return null;
  const x = Math.min(Math.floor(((column + 0.5) / width) * picture.width), picture.width - 1);
  const y = Math.min(Math.floor(((row + 0.5) / height) * picture.height), picture.height - 1);
  return levelStrength(mapLevels(picture)[y * picture.width + x], signed);
}

/** The exact value of the region at a cell and its interval, where there is one; `picture` is the segments' ready one. */
function regionAt(picture, { values, low, high }, { column, row }) {
  const label = segmentLabels(picture)[row * picture.width + column];
  return { value: values[label], interval: low ? { low: low[label], high: high[label] } : null };
}
