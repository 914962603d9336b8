// The builder: a document goes to this harness, and what comes back is shown as text, never as markup.

const at = (id) => document.getElementById(id);
const LARGEST = 4 << 20;
// What an unchanged answer weighs on the wire, headers and all.
const UNCHANGED = 300;
// The peak over the even rate, as the contract allows it.
const PEAK = 1.3;

let read = null; // what the harness said

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/** A row of a table, its first cell a heading. */
function row(head, ...cells) {
  const made = element("tr");
  const title = element("th", head);
  title.scope = "row";
  made.append(title, ...cells.map((cell) => {
    if (typeof cell === "string") return element("td", cell);
    const wrapped = element("td");
    wrapped.append(...cell);
    return wrapped;
  }));
  return made;
}

/** Text in which what stands between backticks is code. */
const prose = (text) => text.split("`").map((part, index) => (index % 2 ? element("code", part) : part));

function say(text, kind) {
  at("said").textContent = text;
  at("said").className = kind;
}

async function ask(query, body) {
  for (const name of ["select", "item"]) if (at(name).value.trim()) query[name] = at(name).value.trim();
  say("Reading …", "");
  try {
    const type = body?.type || "application/octet-stream";
    const response = await fetch(`/builder/read?${new URLSearchParams(query)}`, { method: "POST", body, headers: { "Content-Type": type } });
    if (!response.ok) return say((await response.text()).trim(), "bad");
    show(await response.json());
  } catch {
    say("The server does not answer: is the demo still running?", "bad");
  }
}

function upload(file) {
  if (!file) return;
  if (file.size > LARGEST) return say("The document is larger than 4 MiB, which is the most that a card reads: publish less of it.", "bad");
  ask({}, file);
}

function show(answer) {
  read = answer;
  at("result").hidden = false;
  const { article, refusal, fields, notes } = answer;
  if (refusal) say(refusal.message, "bad");
  else say(`${article.blog ? "A live blog" : "An article"}: ${article.headline || "without a headline"}`, "good");
  card();
  at("fields").replaceChildren(...fields.map(({ name, from, without, publish, example }) => {
    if (from) return row(name, prose(from));
    const words = element("span", `missing: ${without}. `, "missing");
    return row(name, [words, ...prose(`Publish ${publish}.`), element("code", example, "example")]);
  }));
  at("notes").replaceChildren(...notes.map((note) => element("li", note)));
  headers();
  at("age").value = answer.max_age ?? 0;
  cost();
  at("src").value = answer.url ? new URL(answer.url).pathname + new URL(answer.url).search : "/story.jsonld";
  snippet();
}

function card() {
  const made = document.createElement("live-article");
  made.setAttribute("src", read.copy);
  made.setAttribute("interval", "5");
  made.setAttribute("heading-level", "3");
  for (const name of ["select", "item"]) if (at(name).value.trim()) made.setAttribute(name, at(name).value.trim());
  at("card").replaceChildren(made);
}

const HEADERS = [
  ["etag", (value, all) => value ? "An unchanged document costs a 304, which has no body." : all["last-modified"] ? "None, but Last-Modified does the same." : "None: every poll sends the whole document. Send one."],
  ["last-modified", (value) => value ? "Does as a validator, to the second." : "None; ETag is the better one."],
  ["cache-control", (value) => /no-store/i.test(value ?? "") ? "no-store: nothing is kept, so every poll sends the whole document." : read.max_age === null ? "No max-age: readers go by their interval, and a cache in front keeps nothing unless it is told to." : `No reader asks again within about ${read.max_age} s, and a cache in front keeps it as long.`],
  ["content-type", (value) => value ? "Not relied on: what it is, is seen from the content." : "None, and none is needed."],
  ["content-encoding", (value) => value ? `${bytes(read.sent)} sent for ${bytes(read.size)}.` : `None: all ${bytes(read.size)} are sent. gzip or brotli would send less.`],
  ["access-control-allow-origin", (value) => value ? "Pages on other hosts may read it." : "None: only pages of the same host can read it. For others send *."],
  ["access-control-expose-headers", (value) => /etag/i.test(value ?? "") ? "Other hosts’ pages see these, too." : "For other hosts’ pages send ETag, Date, Retry-After, Age. All works without."],
  ["vary", (value) => /cookie|\*/i.test(value ?? "") ? "A cache in front keeps a copy for every reader. Leave that out for what all readers share." : value ? "Copies that a cache in front keeps apart." : "None."],
  ["set-cookie", (value) => value ? "Most caches keep nothing that sets a cookie." : null],
];

function headers() {
  const all = read.headers;
  at("no-headers").hidden = !!all;
  at("headers-table").hidden = !all;
  if (!all) return at("headers").replaceChildren();
  const rows = HEADERS.map(([name, means]) => [name, all[name], means(all[name], all)]);
  at("headers").replaceChildren(...rows.filter(([, , means]) => means).map(([name, value, means]) => row(name, value ?? "–", means)));
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) (count /= 1000), unit++;
  return `${count.toLocaleString("en", { maximumFractionDigits: count < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

/** As the poller paces itself: the larger of interval and max-age (an hour of it counts), slower as the story grows old. */
function cost() {
  if (!read) return;
  const readers = Math.max(1, +at("readers").value || 1);
  const interval = Math.max(5, +at("interval").value || 30);
  const age = Math.min(3600, Math.max(0, +at("age").value || 0));
  const pace = Math.max(interval, age);
  const sent = read.sent ?? read.size;
  const validated = !read.headers || ((read.headers.etag || read.headers["last-modified"]) && !/no-store/i.test(read.headers["cache-control"] ?? ""));
  const each = validated ? UNCHANGED : sent;
  const rate = (pace) => `${number(readers / pace)} requests a second, ${bytes((readers / pace) * each)}/s`;
  const rows = [
    ["A story that changes", `a poll every ${number(pace)} s from each reader: ${rate(pace)}${validated ? ", each a 304 of some 300 bytes" : ", each the whole document"}`],
    ["Peak", `at most ${number((readers / pace) * PEAK)} requests a second, from the second interval on`],
    ["An update", `${bytes(readers * sent)} in all, over ${number(pace * 1.2)} s`],
    ["One cache in front", age > 0 ? `one request every ${number(age)} s reaches you` : "needs a max-age of a second or more to keep anything"],
    ["Unchanged for an hour, for a day", `${rate(pace * 2)}; then ${rate(pace * 10)}`],
    ["One reader, an hour", bytes((3600 / pace) * each)],
  ];
  if (read.decay > 1) rows.push(["This story now", `last changed a while ago, so ${number(read.decay)} times slower: ${rate(pace * read.decay)}`]);
  at("cost").replaceChildren(...rows.map(([head, text]) => row(head, text)));
}

const quote = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

function snippet() {
  if (!read) return;
  const folder = at("folder").value.trim().replace(/\/*$/, "/");
  const more = ["select", "item"].filter((name) => at(name).value.trim()).map((name) => ` ${name}="${quote(at(name).value.trim())}"`).join("");
  const interval = +at("interval").value > 5 && +at("interval").value !== 30 ? ` interval="${+at("interval").value}"` : "";
  if (!read.integrity) {
    at("snippet").value = "The package is not built: run `cargo pkg`, and read again.";
    at("policy").value = "";
    return;
  }
  at("snippet").value =
    `<link rel="preload" as="fetch" crossorigin href="${quote(folder + read.module)}">\n` +
    `<script async src="${quote(folder)}embed.js" integrity="${read.integrity}" crossorigin></script>\n` +
    `<live-article src="${quote(at("src").value.trim())}"${more}${interval}>\n  <article>…your server’s copy…</article>\n</live-article>\n`;
  const place = (address) => {
    const { origin } = new URL(address, "http://this.invalid/");
    return origin === "http://this.invalid" ? "'self'" : origin;
  };
  const connect = new Set([place(folder), place(at("src").value.trim() || "/")]);
  at("policy").value = `Content-Security-Policy: script-src ${place(folder)} 'wasm-unsafe-eval'; connect-src ${[...connect].join(" ")}; img-src 'self'`;
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (at("url").value.trim()) ask({ url: at("url").value.trim() });
  else if (at("text").value.trim()) paste();
  else say("Give an address, a file or a text.", "bad");
});
at("file").addEventListener("change", ({ target }) => upload(target.files[0]));
const paste = () => at("text").value.trim() ? upload(new Blob([at("text").value], { type: "text/plain;charset=utf-8" })) : say("Nothing is pasted.", "bad");
at("paste").addEventListener("click", paste);

const drop = at("drop");
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  upload(event.dataTransfer.files[0]);
});

for (const id of ["cost-form", "snippet-form"]) {
  at(id).addEventListener("submit", (event) => event.preventDefault());
  at(id).addEventListener("input", () => (cost(), snippet()));
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = at(button.dataset.copy);
    await navigator.clipboard.writeText(text.value).then(() => (at("copied").textContent = "Copied"), () => text.select());
  });
}

at("url").placeholder = `${location.origin}/stories/ferry.html`;
const wanted = new URLSearchParams(location.search).get("url");
if (wanted) {
  at("url").value = wanted;
  ask({ url: wanted });
}
