// The breaker: what can go wrong between this paper and its readers, switched on by hand.

const at = (id) => document.getElementById(id);
const path = at("breaker-path"), fault = at("breaker-fault"), seconds = at("breaker-for");
const on = at("breaker-on"), said = at("breaker-said"), does = at("breaker-does");

let timer = 0;

function say(text, kind) {
  said.textContent = text;
  said.className = kind;
}

async function ask(method, target, body) {
  const response = await fetch(`/faults${target}`, { method, body: body && JSON.stringify(body) });
  say((await response.text()).trim(), response.ok ? "good" : "bad");
  await show();
}

async function show() {
  const { faults, on: active } = await (await fetch("/faults")).json();
  if (!fault.length) {
    fault.replaceChildren(...faults.map(({ name, does }) => {
      const option = new Option(name, name);
      option.dataset.does = does;
      return option;
    }));
    fault.value = "503";
    describe();
  }
  on.replaceChildren(...active.map(({ path, fault, for: left }) => {
    const item = document.createElement("li");
    const text = document.createElement("span");
    const button = document.createElement("button");
    text.textContent = `${fault} on ${path}${left === null ? "" : `, ${Math.ceil(left)} s left`}`;
    button.type = "button";
    button.textContent = "Off";
    button.setAttribute("aria-label", `Switch off ${fault} on ${path}`);
    button.addEventListener("click", () => ask("DELETE", path));
    item.append(text, button);
    return item;
  }));
  clearTimeout(timer);
  const soonest = Math.min(...active.map(({ for: left }) => left ?? Infinity));
  if (Number.isFinite(soonest)) timer = setTimeout(show, soonest * 1000 + 100);
}

function describe() {
  does.textContent = fault.selectedOptions[0]?.dataset.does ?? "";
}

/** Who was led here finds the form open. */
const arrive = () => location.hash === "#trouble" && (at("trouble").open = true);
addEventListener("hashchange", arrive);
arrive();

fault.addEventListener("change", describe);
at("breaker").addEventListener("submit", (event) => {
  event.preventDefault();
  const target = path.value.startsWith("/") ? path.value : `/${path.value}`;
  ask("PUT", target, { fault: fault.value, ...(seconds.value && { for: Number(seconds.value) }) });
});

const stories = await (await fetch("/stories")).json();
const paths = [...stories.map(({ forms }) => forms.jsonld), "/stories/*", "/pkg/embed.js", "/pkg/live-article-*", "/"];
at("breaker-paths").replaceChildren(...paths.map((path) => new Option(path)));
await show();
