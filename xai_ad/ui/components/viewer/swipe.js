// The large photo's other half: right of a divider it shows the reconstruction instead. Nothing is asked of the server.

const SWIPE_STEP = 0.02; // an arrow key's, as a share of the panel's width

/** Watches a panel's divider. `handlers` has place(), a share of the panel's width, and move(place). */
function watchDivider(panel, handlers) {
  const divider = panel.querySelector(".divider");
  const moved = (event) => {
    const box = panel.getBoundingClientRect();
    handlers.move((event.clientX - box.left) / box.width);
  };
  divider.addEventListener("pointerdown", (event) => {
    event.stopPropagation(); // the photo itself must not be dragged along
    divider.setPointerCapture(event.pointerId);
  });
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) moved(event);
  });
  divider.addEventListener("dblclick", (event) => event.stopPropagation());
  divider.addEventListener("keydown", (event) => {
    const step = SWIPE_STEP * (event.shiftKey ? 5 : 1);
    const place = {
      ArrowLeft: handlers.place() - step, ArrowDown: handlers.place() - step,
      ArrowRight: handlers.place() + step, ArrowUp: handlers.place() + step,
      Home: 0, End: 1,
    }[event.key];
    if (place === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    handlers.move(place);
  });
}

/** Puts the divider at a share of the panel's width, or away (null). */
function setDivider(panel, place) {
  const divider = panel.querySelector(".divider");
  divider.hidden = place === null;
  panel.querySelector(".chip.other").hidden = place === null;
  if (place === null) return;
  divider.style.left = `${place * 100}%`;
  divider.setAttribute("aria-valuenow", String(Math.round(place * 100)));
  divider.setAttribute("aria-valuetext", `${Math.round(place * 100)}\u00a0% photo`);
}
