// One scale for all maps of a scale's id, so that a colour means the same in every cell; each map's own says what its
// levels mean, and from where on it is drawn unless a person asks.

/**
 * The scales that are shared, by id: each reaches as far as any of its own, and shows as little as any. It bends where
 * the first of them does: what is strong on a narrow scale would else be as good as nothing on a wide one.
 */
function sharedScales(rows) {
  const shared = new Map();
  for (const { scale } of rows.flatMap((row) => row.cells)) {
    if (!scale) continue;
    const before = shared.get(scale.id);
    shared.set(scale.id, before ? commonScale(before, scale) : scale);
  }
  return shared;
}

function commonScale(one, other) {
  const widest = one.limit >= other.limit ? one : other;
  return { ...widest, start: Math.min(one.start, other.start), knee: Math.min(one.knee, other.knee) };
}

/** The value that maps of a scale are drawn from: where a person put it, else where the scale starts. */
function startOf(view, scale) {
  return view.starts[scale.id] ?? scale.start;
}

/** How the shared scale colours a strength of a map's own; null where they are one. */
function stretchOf(own, shared) {
  if (own.limit === shared.limit && own.knee === shared.knee) return null;
  return {
    key: `${own.limit} ${own.knee} ${shared.limit} ${shared.knee}`,
    of: (strength) => scaleStrength(shared, scaleValue(own, strength)),
  };
}

/** What stands over a column, {scale, signed}, once any of its maps is there; null for a column without maps. */
function columnScale(rows, index, shared) {
  const cell = rows.map((row) => row.cells[index]).find((found) => found?.scale);
  return cell ? { scale: shared.get(cell.scale.id), signed: Boolean(cell.signed) } : null;
}

/** The columns' titles by the id of the scale that their maps have. */
function titlesByScale(data) {
  const titles = new Map();
  data.columns.forEach((column, index) => {
    const ids = new Set(data.rows.map((row) => row.cells[index]?.scale?.id).filter(Boolean));
    for (const id of ids) titles.set(id, [...(titles.get(id) ?? []), column.title]);
  });
  return titles;
}
