// The strip's ends: how many panels lie beyond each, and buttons that bring them.

/** Watches a strip inside its rail and keeps the rail's ends true. */
function watchRail(rail) {
  const strip = rail.querySelector(".strip");
  strip.addEventListener("scroll", () => markEnds(rail), { passive: true });
  for (const button of rail.querySelectorAll(".more")) {
    const direction = button.dataset.side === "before" ? -1 : 1;
    button.addEventListener("click", () => {
      strip.scrollBy({ left: direction * strip.clientWidth * 0.75, behavior: "smooth" });
    });
  }
}

/** Says at each end how many panels are cut off or out of sight there. */
function markEnds(rail) {
  const strip = rail.querySelector(".strip");
  const view = strip.getBoundingClientRect();
  const boxes = [...strip.children].map((panel) => panel.getBoundingClientRect());
  const slack = 6; // the strip's own padding, and rounding
  markEnd(rail, "before", boxes.filter((box) => box.left < view.left - slack).length);
  markEnd(rail, "after", boxes.filter((box) => box.right > view.right + slack).length);
}

function markEnd(rail, side, count) {
  const button = rail.querySelector(`[data-side=${side}]`);
  rail.dataset[side] = String(count > 0);
  button.hidden = count === 0;
  setText(button, side === "before" ? `\u2039 ${count} more` : `${count} more \u203a`);
}

/** Scrolls the strip, and nothing else, until a panel is wholly in sight. */
function bringIntoSight(strip, panel) {
  const view = strip.getBoundingClientRect();
  const box = panel.getBoundingClientRect();
  const beyond = Math.min(0, box.left - view.left - 40) + Math.max(0, box.right - view.right + 40);
  if (box.left < view.left || box.right > view.right) strip.scrollBy({ left: beyond });
}
