// Wheel, drag, pinch, double click and hover on one panel, told as places on the screen (shares of its sides).

const DRAG_DISTANCE = 4; // CSS pixels before a press is a drag and no longer a click

/**
 * Watches `element`. `handlers` has zoom(place, factor), move(dx, dy), hover(place or null), reset() and
 * view(); `touch` says whether fingers may zoom and move here, or only scroll the page and tap; `keyed` whether the
 * wheel zooms with Ctrl or Command alone, and else scrolls the page.
 */
function watchGestures(element, canvas, handlers, { touch, keyed = false }) {
  const pointers = new Map(); // pointers that are down: id -> place
  let pressed = null; // where a press began, until it is a drag
  let dragged = false;

  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const ignored = (event) => event.pointerType === "touch" && !touch;

  element.addEventListener("wheel", (event) => {
    if (keyed && !event.ctrlKey && !event.metaKey) return;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 24;
    const speed = event.ctrlKey ? 0.01 : 0.002; // a pinch on a touchpad arrives as a wheel with ctrl
    const factor = Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) * speed);
    if (handlers.view().zoom <= 1 && factor <= 1 && !event.ctrlKey) return; // the page scrolls on
    event.preventDefault();
    handlers.zoom(placeOf(event), factor);
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (ignored(event) || event.button !== 0) return;
    pointers.set(event.pointerId, placeOf(event));
    pressed = { x: event.clientX, y: event.clientY };
    dragged = false;
    if (event.pointerType === "touch") handlers.hover(placeOf(event));
  });

  element.addEventListener("pointermove", (event) => {
    if (ignored(event)) return;
    const place = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (before) {
      if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < DRAG_DISTANCE) return;
      if (pressed) element.setPointerCapture(event.pointerId);
      pressed = null;
      dragged = true;
      follow(event.pointerId, before, place);
      pointers.set(event.pointerId, place);
    }
    handlers.hover(place);
  });

  function follow(id, before, place) {
    const other = [...pointers].find(([key]) => key !== id)?.[1];
    if (other) {
      const spread = (from) => Math.hypot(from.x - other.x, from.y - other.y);
      const middle = { x: (place.x + other.x) / 2, y: (place.y + other.y) / 2 };
      handlers.zoom(middle, spread(place) / Math.max(spread(before), 0.01));
      handlers.move((place.x - before.x) / 2, (place.y - before.y) / 2);
    } else {
      handlers.move(place.x - before.x, place.y - before.y);
    }
  }

  const release = (event) => {
    pointers.delete(event.pointerId);
    pressed = null;
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") handlers.hover(null); // a finger's value stays to be read
  });
  element.addEventListener("click", (event) => {
    if (dragged) event.stopImmediatePropagation(); // the end of a drag is no choice
    dragged = false;
  });
  element.addEventListener("dblclick", () => handlers.reset());
  if (touch) {
    // Two fingers are ours before the browser takes them for scrolling.
    element.addEventListener("touchstart", (event) => {
      if (event.touches.length > 1) event.preventDefault();
    }, { passive: false });
  }
}
