// What a limit does to scored images: all of it counted from sorted scores, so that it follows a handle at once.

/** How many of ascending numbers are greater than a value. */
function countAbove(ascending, value) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}

/** A set of scored images, sorted by kind and by class: raw `scores`, `labels` (1 anomalous), and `kinds` by their place in `names`. */
class Scored {
  constructor({ scores, labels, kinds, names }) {
    const chosen = (wanted) => Float64Array.from(scores.filter((_, place) => wanted(place))).sort();
    this.normal = chosen((place) => labels[place] === 0);
    this.abnormal = chosen((place) => labels[place] === 1);
    this.kinds = names.map((_, kind) => chosen((place) => kinds[place] === kind && labels[place] === 1));
    this.hasBoth = this.normal.length > 0 && this.abnormal.length > 0;
    this.curves = this.hasBoth ? curvesOf(this) : null;
  }

  /** The four counts at a raw limit; a score is flagged where it exceeds it. */
  confusion(limit) {
    const falseAlarms = countAbove(this.normal, limit);
    const hits = countAbove(this.abnormal, limit);
    return { hits, falseAlarms, misses: this.abnormal.length - hits, passes: this.normal.length - falseAlarms };
  }

  /** The lowest score that at most this share of the normal images exceeds. */
  rejectingAtMost(share) {
    const rejected = Math.floor(this.normal.length * share + 1e-9);
    return this.normal[this.normal.length - 1 - rejected];
  }

  /** Midway between the two scores beside the greatest geometric mean of sensitivity and specificity, as Eq. 3.21 has it. */
  balanced() {
    const every = Float64Array.from([...this.normal, ...this.abnormal]).sort();
    let best = { mean: -1, limit: null };
    for (let place = 0; place + 1 < every.length; place += 1) {
      if (every[place] === every[place + 1]) continue;
      const { hits, passes } = this.confusion(every[place]);
      const mean = Math.sqrt((hits / this.abnormal.length) * (passes / this.normal.length));
      if (mean >= best.mean) best = { mean, limit: (every[place] + every[place + 1]) / 2 };
    }
    return best.limit;
  }
}

/** Precision, recall and F1 of anomalous images; those without a denominator are 0, as everywhere here. */
function rates({ hits, falseAlarms, misses, passes }) {
  const share = (part, whole) => (whole ? part / whole : 0);
  const recall = share(hits, hits + misses);
  const falseAlarm = share(falseAlarms, falseAlarms + passes);
  return {
    recall,
    falseAlarm,
    precision: share(hits, hits + falseAlarms),
    f1: share(2 * hits, 2 * hits + falseAlarms + misses),
    balanced: (recall + 1 - falseAlarm) / 2,
  };
}

/** The ROC and precision-recall curves of a set with both kinds, as points, and the areas under them (4.3.1, 4.3.2). */
function curvesOf(scored) {
  const every = [...new Set([...scored.normal, ...scored.abnormal])].sort((one, other) => other - one);
  const roc = [[0, 0]];
  const precisions = [];
  let [area, average, recallBefore] = [0, 0, 0];
  for (const limit of every) { // those at the limit are flagged as well: it stands just below them
    const hits = scored.abnormal.length - countBelow(scored.abnormal, limit);
    const alarms = scored.normal.length - countBelow(scored.normal, limit);
    const [x, recall] = [alarms / scored.normal.length, hits / scored.abnormal.length];
    const [xBefore, yBefore] = roc.at(-1);
    area += ((x - xBefore) * (recall + yBefore)) / 2;
    const precision = hits / (hits + alarms);
    average += (recall - recallBefore) * precision;
    recallBefore = recall;
    roc.push([x, recall]);
    precisions.push([recall, precision]);
  }
  return { roc, precisions: [[0, precisions[0][1]], ...precisions], area, average };
}

function countBelow(ascending, value) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
