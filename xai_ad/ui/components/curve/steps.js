// From one frame to others: numbers may have gaps, and abnormal frames come in stretches.

/** The frame that lies `by` frames further, within what was scored. */
function stepFrom(runs, frame, by) {
  if (!runs.length) return frame;
  let place = runs.findIndex(([, last]) => last >= frame);
  if (place < 0) place = runs.length - 1;
  let at = Math.min(Math.max(frame, runs[place][0]), runs[place][1]);
  let rest = by;
  while (rest !== 0) {
    const [first, last] = runs[place];
    const room = rest > 0 ? last - at : first - at;
    if (Math.abs(rest) <= Math.abs(room)) return at + rest;
    const other = place + Math.sign(rest);
    if (other < 0 || other >= runs.length) return at + room;
    rest -= room + Math.sign(rest);
    place = other;
    at = rest >= 0 && by > 0 ? runs[place][0] : runs[place][1];
  }
  return at;
}

/** The scored frame nearest to a number. */
function nearestFrame(runs, frame) {
  let best = frame;
  let least = Infinity;
  for (const [first, last] of runs) {
    const at = Math.min(Math.max(frame, first), last);
    if (Math.abs(at - frame) < least) {
      least = Math.abs(at - frame);
      best = at;
    }
  }
  return best;
}

/** The highest frame of the abnormal stretch after (1) or before (-1) a frame, or null. */
function nextAbnormal(stretches, frame, direction) {
  const found = direction > 0
    ? stretches.find(([first]) => first > frame)
    : stretches.findLast(([, last]) => last < frame);
  return found ? found[2] : null;
}
