// Counts steps in the browser and tells the page their sum, so that none is lost while the page is at work.

const PAUSE = 200; // ms: presses that follow one another faster than this are told together
const APPLIED = 50; // ms: the pickers, which came with an answer, have taken it over; else they would report old values
const UNANSWERED = 5000; // ms
/** Where Left and Right have a meaning of their own. */
const OWN_MEANING = [
  "input", "textarea", "select", "[contenteditable='']", "[contenteditable=true]", "[role=slider]", "[role=radiogroup]",
  "[role=combobox]", "[role=listbox]", "[role=menu]", "[role=tablist]", "[role=dialog]",
  "[data-testid=viewer]", "[data-testid=stPopoverBody]",
].join(", ");

class Stepper {
  constructor(root) {
    this.root = root;
    this.mount = Math.random().toString(36).slice(2); // a page that was loaded anew counts from zero
    this.presses = 0;
    this.total = 0;
    this.told = 0; // presses
    this.answered = 0; // presses
    this.lastTold = -Infinity;
    this.lastAnswered = -Infinity;
    this.ended = new AbortController();
    const { signal } = this.ended;
    root.querySelector(".previous").addEventListener("click", () => this.press(-1), { signal });
    root.querySelector(".next").addEventListener("click", () => this.press(1), { signal });
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
  }

  update({ data, setStateValue }) {
    this.data = data;
    this.tell = (value) => setStateValue("steps", value);
    if (data.mount === this.mount && data.presses > this.answered) {
      this.answered = data.presses;
      this.lastAnswered = performance.now();
    }
    for (const button of this.root.querySelectorAll("button")) button.disabled = data.names.length < 2;
    this.show();
    if (this.presses > this.told) this.tellSoon();
  }

  onKey(event) {
    if (!this.root.isConnected) {
      this.ended.abort();
      return;
    }
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.composedPath().some((element) => element instanceof Element && element.matches(OWN_MEANING))) return;
    event.preventDefault();
    this.press(by);
  }

  press(by) {
    if (this.data.names.length < 2) return;
    this.presses += 1;
    this.total += by;
    this.show();
    this.tellSoon();
  }

  /** Tells what is untold as soon as the last message is answered, or was not for long. */
  tellSoon() {
    const isAnswered = this.answered === this.told;
    const from = isAnswered ? Math.max(this.lastTold + PAUSE, this.lastAnswered + APPLIED) : this.lastTold + UNANSWERED;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tellTotal(), Math.max(0, from - performance.now()));
  }

  tellTotal() {
    if (this.presses === this.told) return;
    this.told = this.presses;
    this.lastTold = performance.now();
    this.tell({ mount: this.mount, presses: this.presses, total: this.total });
  }

  /** Where the page stands, or, while it has not followed, what it is stepping to. */
  show() {
    const { names, place, mount, total } = this.data;
    const pending = this.total - (mount === this.mount ? total : 0);
    const from = place < 0 && pending < 0 ? 0 : place;
    const target = (((from + pending) % names.length) + names.length) % names.length;
    const text = pending !== 0 ? names[target] : place < 0 ? "" : `${place + 1} of ${names.length}`;
    const element = this.root.querySelector(".place");
    element.textContent = names.length > 0 ? text : "";
    element.title = names[target] ?? "";
    this.root.dataset.pending = String(pending !== 0);
  }
}

const steppers = new WeakMap();

export default function stepper(given) {
  const root = given.parentElement.querySelector(".stepper");
  if (!steppers.has(root)) steppers.set(root, new Stepper(root));
  steppers.get(root).update(given);
}
