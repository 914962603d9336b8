// The requests as the server sees them, newest first.

const list = document.getElementById("log"), all = document.getElementById("log-all");
const KEPT = 120;

function cell(text, kind) {
  const cell = document.createElement("span");
  cell.textContent = text;
  cell.className = kind ?? "";
  return cell;
}

function show({ data }) {
  const seen = JSON.parse(data);
  const row = document.createElement("li");
  const kind = seen.status === 304 ? "good" : seen.status === null || seen.status >= 400 || !seen.whole ? "bad" : "";
  row.append(
    cell(new Date(seen.time).toLocaleTimeString("en-GB")),
    cell(seen.status ?? "–", kind),
    cell(`${seen.method} ${seen.path}`, "path"),
    cell(`${seen.bytes} B`),
  );
  if (seen.fault) row.append(cell(seen.fault, "fault"));
  if (!seen.path.startsWith("/stories/")) row.className = "file";
  list.prepend(row);
  if (list.childElementCount > KEPT) list.lastElementChild.remove();
}

let source = null;

/** Follows the log while somebody looks: a browser has six connections for a server, and each follower keeps one. */
function follow() {
  source?.close();
  source = null;
  if (document.hidden) return;
  list.replaceChildren();
  source = new EventSource("/log");
  source.addEventListener("message", show);
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", ({ persisted }) => persisted && follow());
follow();

all.addEventListener("change", () => list.classList.toggle("all", all.checked));
