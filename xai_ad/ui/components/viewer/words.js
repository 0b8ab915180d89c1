// What the large panels are called and what a screen reader is told of them.

/** The large panel's name: the chosen explanation, or what stands in for it and why. */
function shownWords(chosen, shown) {
  if (chosen === shown) return chosen.label;
  switch (chosen.state) {
    case "stopped": return `${shown.label}; ${chosen.label} was stopped`;
    case "failed": return `${shown.label}; ${chosen.label} failed`;
    default: return `${shown.label}, until ${chosen.label} is ready`;
  }
}

/** Names the large panels, says what the explanation came to, and how far the one that is waited for is. */
function fillWords(root, data, chosen, shown) {
  const overlay = root.querySelector("#overlay");
  const photo = root.querySelector("#photo");
  setText(photo.querySelector(".chip"), data.name);
  photo.querySelector(".canvas").setAttribute("aria-label", `Photo under inspection: ${data.name}`);
  const missed = photo.querySelector(".missed");
  missed.hidden = !data.truth?.missed;
  setText(missed, data.truth?.missed ?? "");
  setText(root.querySelector("[data-testid=truth-toggle]"), data.truth?.label ?? "");
  setText(overlay.querySelector(".chip"), shownWords(chosen, shown));
  overlay.setAttribute("aria-label", `${shown.title}, over the photo`);
  overlay.querySelector(".canvas").setAttribute("aria-label", `${shown.title}: ${shown.result ?? shown.sentence}`);
  const waited = chosen !== shown && !["stopped", "failed"].includes(chosen.state);
  const line = overlay.querySelector(".awaited");
  line.hidden = !waited;
  line.firstElementChild.style.width = `${Math.round((chosen.progress ?? 0) * 100)}%`;
}

/** Of a picture that no verdict is spoken of, explanations are shown only to who asks for them. */
function fillWithheld(root, data, view) {
  const withheld = Boolean(data.withheld) && view.revealed !== data.photo;
  root.dataset.withheld = String(withheld);
  const line = root.querySelector(".withheld");
  line.hidden = !data.withheld;
  setText(line.querySelector("span"), data.withheld ?? "");
  line.querySelector("button").hidden = !withheld;
}
