// The desk: a story's document in a form, published as a new version of it.
//
// A body's parts are what stands between its empty lines: paragraphs of text, or elements of markup.

const at = (id) => document.getElementById(id);
const form = at("desk"), story = at("desk-story"), headline = at("desk-headline"), summary = at("desk-summary");
const blocks = at("desk-blocks"), correction = at("desk-correction"), said = at("desk-said");
const updateHeadline = at("desk-update-headline"), updateBody = at("desk-update-body");

let page = null; // the document
let node = null; // the article in it

const isArticle = (value) => [value?.["@type"]].flat().some((type) => /Article$|BlogPosting$|Report$/.test(type ?? ""));

function find(value) {
  if (Array.isArray(value)) return value.map(find).find(Boolean);
  if (isArticle(value)) return value;
  return value && typeof value === "object" ? find(value["@graph"]) ?? find(value.mainEntity) : undefined;
}

function say(text, kind) {
  said.textContent = text;
  said.className = kind;
}

async function list() {
  const stories = await (await fetch("/stories")).json();
  const chosen = story.value || "ferry";
  story.replaceChildren(...stories.map(({ id, headline, language }) => {
    const option = new Option(`${id} – ${headline}`, id, id === chosen, id === chosen);
    option.lang = language ?? "";
    return option;
  }));
}

async function load() {
  // The newsroom sees its own document, whatever its readers get.
  const response = await fetch(`/stories/${story.value}.jsonld?past-the-fault`, { cache: "no-store" });
  page = await response.json();
  node = find(page);
  const blog = Array.isArray(node.liveBlogUpdate);
  headline.value = node.headline ?? "";
  summary.value = node.description ?? "";
  for (const field of [headline, summary, correction, updateHeadline, updateBody]) {
    field.lang = node.inLanguage ?? "";
    field.dir = "auto";
  }
  correction.value = updateHeadline.value = updateBody.value = "";
  at("desk-update").hidden = !blog;
  at("desk-add").hidden = blog;
  at("desk-blocks-label").textContent = blog ? "Updates" : "Paragraphs";
  const parts = blog ? node.liveBlogUpdate : (node.articleBody ?? "").split(/\n\s*\n/).filter((part) => part.trim());
  blocks.replaceChildren(...parts.map((part) => block(part)));
  blocks.scrollTop = 0;
  number();
}

function block(part) {
  const item = document.createElement("li");
  const body = document.createElement("textarea");
  body.rows = 3;
  body.dir = "auto";
  body.lang = node.inLanguage ?? "";
  if (typeof part === "string") {
    body.value = part;
  } else {
    const title = document.createElement("input");
    title.value = part.headline ?? "";
    body.value = part.articleBody ?? "";
    item.append(title);
    item.update = part;
  }
  const actions = document.createElement("p");
  actions.className = "actions";
  for (const [sign, action] of [["↑", "up"], ["↓", "down"], ["Delete", "delete"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.dataset.action = action;
    actions.append(button);
  }
  item.append(body, actions);
  return item;
}

/** Names each part by its place, for who does not see it. */
function number() {
  const items = [...blocks.children];
  items.forEach((item, index) => {
    const what = `${item.update ? "update" : "paragraph"} ${index + 1}`;
    item.querySelector("textarea").setAttribute("aria-label", item.update ? `Text of ${what}` : `Paragraph ${index + 1}`);
    item.querySelector("input")?.setAttribute("aria-label", `Headline of ${what}`);
    for (const button of item.querySelectorAll("button")) {
      const { action } = button.dataset;
      button.setAttribute("aria-label", action === "delete" ? `Delete ${what}` : `Move ${what} ${action}`);
      button.disabled = (action === "up" && index === 0) || (action === "down" && index === items.length - 1);
    }
  });
}

blocks.addEventListener("click", ({ target }) => {
  const { action } = target.dataset;
  const item = target.closest("li");
  if (!action) return;
  if (action === "up") item.previousElementSibling.before(item);
  if (action === "down") item.nextElementSibling.after(item);
  if (action === "delete") {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector("textarea") ?? at("desk-add")).focus();
  }
  number();
  if (action !== "delete") (target.disabled ? item.querySelector("button:enabled") : target).focus();
});

at("desk-add").addEventListener("click", () => {
  const html = (node.articleBody ?? "").trimStart().startsWith("<");
  const added = block(html ? "<p></p>" : "");
  blocks.append(added);
  number();
  added.querySelector("textarea").focus();
});

function collect(now) {
  node.headline = headline.value.trim();
  node.description = summary.value.trim();
  if (Array.isArray(node.liveBlogUpdate)) {
    node.liveBlogUpdate = [...blocks.children].map(({ update, children: [title, body] }) => {
      if (title.value !== (update.headline ?? "") || body.value !== (update.articleBody ?? "")) {
        update.headline = title.value;
        update.articleBody = body.value;
        update.dateModified = now;
      }
      return update;
    });
    const text = updateBody.value.trim();
    if (text || updateHeadline.value.trim()) {
      const id = `${node["@id"] ?? node.url}#${now.replace(/\W/g, "")}`;
      node.liveBlogUpdate.unshift({
        "@type": "BlogPosting", "@id": id, url: id, headline: updateHeadline.value.trim() || undefined,
        datePublished: now, dateModified: now, author: node.author,
        articleBody: text.startsWith("<") ? text : text.split(/\n\s*\n/).map((part) => `<p>${part.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</p>`).join(""),
      });
    }
  } else {
    const parts = [...blocks.querySelectorAll("textarea")].map(({ value }) => value.trim()).filter(Boolean);
    if (parts.length || node.articleBody) node.articleBody = parts.join("\n\n");
  }
  const text = correction.value.trim();
  if (text) {
    node.correction = [node.correction ?? [], { "@type": "CorrectionComment", text, datePublished: now }].flat();
  }
  node.dateModified = now;
  node.version = String(1 + (Number(node.version) || 0));
}

/** An old story is polled ten times more slowly than a fresh one; who publishes wants to see it now. */
function show() {
  for (const card of document.querySelectorAll("live-article")) {
    if (new URL(card.getAttribute("src"), location).pathname === `/stories/${story.value}.jsonld`) card.refresh?.();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  collect(new Date().toISOString());
  const headers = { "Content-Type": "application/ld+json" };
  try {
    const response = await fetch(`/stories/${story.value}.jsonld`, { method: "PUT", headers, body: JSON.stringify(page, null, 2) });
    const words = (await response.text()).trim();
    if (!response.ok) return say(words, "bad");
    show();
    await list();
    await load();
    say(`${words} ${new Date().toLocaleTimeString()}`, "good");
  } catch {
    say("The server does not answer: is the demo still running?", "bad");
  }
});

story.addEventListener("change", () => load().then(() => say("", "")));
at("desk-reload").addEventListener("click", () => load().then(() => say("As published.", "")));

await list();
await load();
