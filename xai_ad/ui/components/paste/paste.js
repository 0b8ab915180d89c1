// Hands over pictures that are pasted anywhere on the page, but for what is pasted into a field as text.

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name || "pasted picture.png", content: btoa(text) };
}

class Paste {
  constructor(root) {
    this.root = root;
    this.ended = new AbortController();
    document.addEventListener("paste", (event) => this.onPaste(event), { signal: this.ended.signal });
  }

  async onPaste(event) {
    if (!this.root.isConnected) {
      this.ended.abort();
      return;
    }
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    const small = files.filter((file) => file.size <= this.largest);
    const over = `Pasted pictures may have ${Math.round(this.largest / 2 ** 20)} MB. Upload larger ones as files.`;
    this.root.textContent = small.length < files.length ? over : "";
    if (small.length > 0) this.tell(await Promise.all(small.map(encoded)));
  }
}

const listeners = new WeakMap();

export default function paste({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".said");
  if (!listeners.has(root)) listeners.set(root, new Paste(root));
  const listener = listeners.get(root);
  listener.largest = data.largest;
  listener.tell = (pictures) => setTriggerValue("pasted", pictures);
}
