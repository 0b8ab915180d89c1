// A map's scale, {id, limit, start, knee, low, high, zero, unit}: how strongly a value is drawn, and what a level means.
// Strengths lie in [-1, 1]; they grow linearly up to about the knee and with the logarithm beyond it.

const HALF = 32768; // the level of a signed map that means nothing

function scaleStrength(scale, value) {
  const size = Math.log1p(Math.abs(value) / scale.knee) / Math.log1p(scale.limit / scale.knee);
  return Math.sign(value) * Math.min(size, 1);
}

function scaleValue(scale, strength) {
  return Math.sign(strength) * scale.knee * Math.expm1(Math.abs(strength) * Math.log1p(scale.limit / scale.knee));
}

/** The strength of a layer's level, 0 to 65535. */
function levelStrength(level, signed) {
  return signed ? (level - HALF) / (HALF - 1) : level / (2 * HALF - 1);
}

/** A value that was read from a layer, without a digit that the layer's steps cannot carry. */
function readFigure(scale, strength, signed) {
  const value = scaleValue(scale, strength);
  const size = Math.abs(value);
  if (Math.abs(strength) >= 1) return `${value < 0 ? "\u2264" : "\u2265"}\u00a0${formatFigure(value)}`;
  const step = ((scale.knee + size) * Math.log1p(scale.limit / scale.knee)) / (signed ? HALF - 1 : 2 * HALF - 1);
  const carried = Math.max(0, Math.floor(-Math.log10(step)));
  const wanted = size > 0 ? 2 - Math.floor(Math.log10(size)) : 0;
  if (wanted <= carried) return formatFigure(value);
  const text = size.toFixed(carried);
  return value < 0 && Number(text) > 0 ? `\u2212${text}` : text;
}

/** An end of the scale, to two digits or whole: it has little room. */
function formatEnd(value) {
  if (value === 1) return "1";
  const text = Math.abs(value) < 10 ? Math.abs(value).toPrecision(2) : String(Math.round(Math.abs(value)));
  return value === 0 ? "0" : `${value < 0 ? "\u2212" : ""}${text}`;
}

/** The figures under the colour bar, [{place in [0, 1], text}]: its ends, nothing, and between them powers of ten
 * that stand `apart`, or the half of a scale that grows evenly. */
function scaleTicks(scale, signed, apart) {
  const placed = (value) => (signed ? (scaleStrength(scale, value) + 1) / 2 : scaleStrength(scale, value));
  const ends = signed ? [-scale.limit, 0, scale.limit] : [0, scale.limit];
  const ticks = ends.map((value) => ({ place: placed(value), text: formatEnd(value) }));
  const even = scale.knee >= scale.limit; // then halves say more than powers of ten
  for (const figure of even ? [scale.limit / 2] : [1, 10, 0.1, 100, 1000, 0.01]) {
    for (const value of signed ? [figure, -figure] : [figure]) {
      const place = placed(value);
      const clear = Math.abs(value) < scale.limit && ticks.every((tick) => Math.abs(tick.place - place) >= apart);
      if (clear) ticks.push({ place, text: String(value).replace("-", "\u2212") });
    }
  }
  return ticks.sort((one, other) => one.place - other.place);
}
