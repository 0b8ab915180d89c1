// What a cell says in place of its picture, and what a screen reader is told of it.

const UNDONE = ["idle", "waiting", "running"];

/** In place of the picture: "" when it speaks for itself. */
function cellWords(cell) {
  switch (cell.state) {
    case "idle": return cell.message || "Not computed";
    case "waiting": return "Waiting";
    case "running": return `${Math.round(Math.min(Math.max(cell.progress ?? 0, 0), 1) * 100)}\u00a0%`;
    case "stopped": return cell.message || "Stopped";
    case "failed": return cell.message || "Failed";
    default: return "";
  }
}

/** The button of a cell, [what it asks for, its words]; null where there is none. */
function cellAction(cell) {
  switch (cell.state) {
    case "idle": return ["again", "Compute"];
    case "waiting": case "running": return ["stop", "Stop"];
    case "stopped": case "failed": return ["again", "Run again"];
    default: return null;
  }
}

/** A cell in words: whose it is, how far it is, what it came to, and what is known of it. */
function spokenCell(cell, told) {
  const warning = cell.trust && cell.trust_warns ? "Warning:" : "";
  const parts = [`${cell.title}:`, told || cell.result || "done", ".", warning, cell.trust, cell.placed];
  return parts.filter(Boolean).join(" ").replaceAll(" .", ".").replace("..", ".");
}
