// The gallery: a frame for each state that is asked for, and a playground that writes the style sheet to copy.

/* Every state. */

// The first of each is what is shown at first; "all" is every one.
const AXES = {
  view: ["all", "article", "card", "badge"],
  status: ["all", "loading", "live", "checking", "stale", "offline", "paused", "pending", "updated", "ended", "withdrawn", "adopted", "unsupported"],
  story: ["report", "blog", "german", "arabic", "hindi", "japanese"],
  theme: ["none", "broadsheet", "tabloid", "broadcaster", "minimal"],
  width: ["360", "240", "480", "640", "1000", "1600"],
  dir: ["ltr", "rtl"],
  scheme: ["light", "dark"],
};
const LANGUAGES = { german: "de", arabic: "ar", hindi: "hi", japanese: "ja" };

const axes = document.getElementById("axes");
const cells = document.getElementById("cells");
for (const [name, values] of Object.entries(AXES)) {
  const choice = control(axes, name, document.createElement("select"));
  choice.name = name;
  for (const value of new Set([...values, "all"])) choice.append(new Option(value, value));
  choice.value = new URLSearchParams(location.search).get(name) ?? values[0];
}
axes.addEventListener("change", show);

function show() {
  const chosen = Object.fromEntries(new FormData(axes));
  let states = [{}];
  for (const [name, values] of Object.entries(AXES)) {
    const wanted = chosen[name] === "all" ? values.filter((value) => value !== "all") : [chosen[name]];
    states = states.flatMap((state) => wanted.map((value) => ({ ...state, [name]: value })));
  }
  document.getElementById("count").textContent = `${states.length} states`;
  cells.replaceChildren(...states.map(cell));
}

function cell(state) {
  const query = new URLSearchParams({ ...state, lang: LANGUAGES[state.story] ?? "en-US" });
  if (state.theme === "none") query.delete("theme");
  query.delete("width");
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const link = document.createElement("a");
  link.href = `/gallery/cell.html?${query}&width=${state.width}`;
  link.textContent = Object.values(state).join(" · ");
  caption.append(link);
  const frame = document.createElement("iframe");
  frame.title = link.textContent;
  frame.loading = "lazy";
  frame.src = `/gallery/cell.html?${query}`;
  frame.style.width = `${+state.width + 34}px`;
  frame.style.height = { badge: "5rem", card: "26rem", article: "44rem" }[state.view];
  // A short card needs no room for a long one.
  frame.addEventListener("load", async () => {
    const page = frame.contentDocument.documentElement;
    while (frame.isConnected && !("ready" in page.dataset)) await new Promise((done) => setTimeout(done, 100));
    frame.style.height = `min(${page.querySelector("main").offsetHeight + 2}px, 44rem)`;
  });
  figure.append(caption, frame);
  return figure;
}

show();

/* The playground. */

const FACES = ["", "Georgia, serif", "system-ui, sans-serif", '"Helvetica Neue", Arial, sans-serif', '"Palatino Linotype", Palatino, serif', "ui-monospace, monospace"];
const PROPERTIES = {
  font: FACES,
  "headline-font": FACES,
  "font-size": ["", ".9375rem", "1rem", "1.125rem", "1.25rem"],
  "headline-size": ["", "1.5rem", "2rem", "clamp(1.75rem, 1rem + 4cqi, 3.5rem)"],
  color: "#1b1d1f",
  "muted-color": "#5b5f63",
  background: "#ffffff",
  accent: "#9c1f17",
  border: "#c9c5ba",
  "changed-color": "#96520a",
  radius: ["", "4px", "8px", "16px"],
  gap: ["", ".75rem", "1rem", "1.5rem", "2rem"],
  "picture-ratio": ["", "16 / 9", "4 / 3", "1", "2 / 1"],
};
const PARTS = {
  "badge above the headline": "live-article::part(badge) {\n  order: -1;\n}\n",
  "no rule above the card": "live-article::part(card) {\n  margin: 0;\n  border: 0;\n}\n",
  "no second clock": "live-article::part(checked) {\n  display: none;\n}\n",
};

const controls = document.getElementById("controls");
const trial = document.getElementById("trial");
const css = document.getElementById("css");
const rules = new Map();

for (const [name, values] of Object.entries(PROPERTIES)) {
  if (typeof values === "string") {
    // A colour counts once it was chosen: until then the card follows the page's.
    const input = control(controls, name, document.createElement("input"));
    Object.assign(input, { type: "color", value: values });
    input.addEventListener("input", () => write(name, input.value));
  } else {
    const choice = control(controls, name, document.createElement("select"));
    for (const value of values) choice.append(new Option(value || "as it is", value));
    choice.addEventListener("change", () => write(name, choice.value));
  }
}
for (const [label, rule] of Object.entries(PARTS)) {
  const box = control(controls, label, document.createElement("input"));
  box.type = "checkbox";
  box.addEventListener("change", () => write(label, box.checked ? rule : ""));
}

function write(name, value) {
  value ? rules.set(name, value) : rules.delete(name);
  const properties = Object.keys(PROPERTIES).filter((name) => rules.has(name));
  const lines = properties.map((name) => `  --live-article-${name}: ${rules.get(name)};\n`);
  // What has a ground of its own needs room around it.
  if (rules.has("background")) lines.push("  padding: 1rem;\n");
  const parts = Object.keys(PARTS).map((name) => rules.get(name) ?? "");
  css.value = (lines.length ? `live-article {\n${lines.join("")}}\n` : "") + parts.join("");
  dress();
}

function dress() {
  const page = trial.contentWindow;
  const sheet = new page.CSSStyleSheet();
  sheet.replaceSync(css.value);
  page.document.adoptedStyleSheets = [sheet];
}
trial.addEventListener("load", dress);

document.getElementById("copy").addEventListener("click", async () => {
  const copied = await navigator.clipboard.writeText(css.value).then(() => true, () => false);
  if (!copied) css.select();
  document.getElementById("copied").textContent = copied ? "Copied" : "Selected: now copy it by the keyboard";
});

function control(form, name, input) {
  const label = document.createElement("label");
  const text = document.createElement("span");
  text.textContent = name;
  label.append(text, input);
  form.append(label);
  return input;
}
