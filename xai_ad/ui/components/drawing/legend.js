// Sliders and the colour bar: from what strength on maps are drawn, and which value a colour stands for.

/** Sets a slider to a percentage, said in `words`. */
function setSlider(slider, figure, value, words, enabled) {
  slider.value = String(value);
  slider.style.setProperty("--fill", `${value}%`);
  slider.disabled = !enabled;
  slider.setAttribute("aria-valuetext", words);
  slider.closest(".row").dataset.off = String(!enabled);
  setText(figure, enabled ? words : "\u2013");
}

/** Sets a slider of "hide below" to a strength on a scale, and its figure to what that is worth. */
function setThreshold(slider, figure, scale, threshold, enabled) {
  setSlider(slider, figure, threshold * 100, formatFigure(scaleValue(scale, threshold)), enabled);
}

/**
 * The colour bar under `root` with its numbers, which are at least so many shares of it apart; the part under the
 * threshold is blanked out.
 */
function fillBar(root, scale, signed, threshold, apart = 0.155) {
  root.querySelector(".bar").style.background = paletteGradient(signed);
  const blank = root.querySelector(".blank");
  blank.style.left = signed ? `${(1 - threshold) * 50}%` : "0";
  blank.style.width = `${threshold * 100}%`;
  fillTicks(root.querySelector(".numbers"), scaleTicks(scale, signed, apart));
}

function fillTicks(numbers, ticks) {
  const told = JSON.stringify(ticks);
  if (numbers.dataset.told === told) return;
  numbers.dataset.told = told;
  numbers.replaceChildren(...ticks.map(({ place, text }) => {
    const figure = makeElement("span", "", text);
    figure.style.left = `${place * 100}%`;
    figure.style.transform = `translateX(${-place * 100}%)`; // the first begins with the bar, the last ends with it
    return figure;
  }));
}

/** An interval in words. */
function intervalWords({ low, high }) {
  return `90\u00a0% sure: ${formatFigure(low)} to ${formatFigure(high)}`;
}

/** Marks a strength on the colour bar; null takes the mark away. */
function markScale(root, strength, signed) {
  const tick = root.querySelector(".tick");
  tick.hidden = strength === null;
  if (strength !== null) tick.style.left = `${(signed ? (strength + 1) / 2 : strength) * 100}%`;
}
