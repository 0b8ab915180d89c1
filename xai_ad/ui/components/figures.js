// How both components print numbers.

/** A number to three significant digits with a true minus sign: 0.470, 12.3, 1230, 1.20e-5. */
function formatFigure(value) {
  const size = Math.abs(value);
  let text = size.toPrecision(3);
  if (size === 0) text = "0";
  else if (size < 1e-4) text = size.toExponential(2);
  else if (size >= 999.5 && size < 1e6) text = String(Math.round(size));
  return value < 0 ? `\u2212${text}` : text;
}
