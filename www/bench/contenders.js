//! Those who show the blog: ours, and each of the others as its documentation says a keyed list is written.
//!
//! `mount(box)` answers `update(source)`, which shows the document that `fetch(source)` answers and is done when the page
//! is. All read the answer themselves; none is told what changed. The others render plain text, so that none but
//! the last has to clean.

import DOMPurify from "dompurify";
import { Idiomorph } from "idiomorph";
import { html, render } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import morphdom from "morphdom";
import { createElement as element, memo } from "react";
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";

import { when } from "./story.js";

const read = async (source) => (await fetch(source)).json();
const paragraphs = (body) => body.split("\n\n");

function live(box) {
  const card = document.createElement("live-article");
  card.lang = "en-US";
  for (const [name, value] of Object.entries({ updates: "auto", "max-blocks": "100000", interval: "86400", "time-zone": "UTC" })) {
    card.setAttribute(name, value);
  }
  return {
    root: () => card.shadowRoot,
    async update(source) {
      if (card.isConnected) return card.refresh();
      card.setAttribute("src", source);
      const shown = new Promise((done) => card.addEventListener("live-article-load", done, { once: true }));
      box.append(card);
      await shown;
    },
  };
}

/* The floor: what somebody who knows the page by heart writes for it. */
function hand(box) {
  const make = (name, parent) => parent.appendChild(document.createElement(name));
  const root = make("div", box);
  const headline = make("h2", root);
  const modified = make("p", root);
  const list = make("div", root);
  list.className = "entries";
  const rows = new Map();
  const row = (entry) => {
    const node = document.createElement("article");
    node.id = entry["@id"];
    const time = make("time", make("header", node));
    time.dateTime = entry.datePublished;
    time.textContent = when(entry.datePublished);
    const made = { node, headline: "", title: make("h3", node), body: "" };
    rows.set(entry["@id"], made);
    return made;
  };
  return {
    root: () => root,
    async update(source) {
      const story = await read(source);
      if (headline.textContent !== story.headline) headline.textContent = story.headline;
      modified.textContent = when(story.dateModified);
      const left = new Set(rows.keys());
      let place = list.firstChild;
      for (const entry of story.liveBlogUpdate) {
        const shown = rows.get(entry["@id"]) ?? row(entry);
        left.delete(entry["@id"]);
        if (shown.headline !== entry.headline) shown.title.textContent = shown.headline = entry.headline;
        if (shown.body !== entry.articleBody) {
          shown.body = entry.articleBody;
          const texts = paragraphs(entry.articleBody);
          const there = shown.node.querySelectorAll("p");
          texts.forEach((text, at) => {
            const node = there[at] ?? make("p", shown.node);
            if (node.textContent !== text) node.textContent = text;
          });
          for (let at = texts.length; at < there.length; at++) there[at].remove();
        }
        if (shown.node === place) place = place.nextSibling;
        else list.insertBefore(shown.node, place);
      }
      for (const id of left) {
        rows.get(id).node.remove();
        rows.delete(id);
      }
    },
  };
}

function lit(box) {
  const row = ({ "@id": id, datePublished, headline, articleBody }) => html`<article id=${id}>
    <header><time datetime=${datePublished}>${when(datePublished)}</time></header>
    <h3>${headline}</h3>
    ${guard([articleBody], () => paragraphs(articleBody).map((text) => html`<p>${text}</p>`))}
  </article>`;
  return {
    root: () => box,
    async update(source) {
      const story = await read(source);
      render(
        html`<h2>${story.headline}</h2><p>${when(story.dateModified)}</p>
          <div class="entries">${repeat(story.liveBlogUpdate, (entry) => entry["@id"], row)}</div>`,
        box,
      );
    },
  };
}

function react(box) {
  const Row = memo(({ id, published, headline, body }) =>
    element("article", { id }, element("header", null, element("time", { dateTime: published }, when(published))),
      element("h3", null, headline), paragraphs(body).map((text, at) => element("p", { key: at }, text))));
  const Blog = ({ story }) =>
    element("div", null, element("h2", null, story.headline), element("p", null, when(story.dateModified)),
      element("div", { className: "entries" }, story.liveBlogUpdate.map(({ "@id": id, datePublished, headline, articleBody }) =>
        element(Row, { key: id, id, published: datePublished, headline, body: articleBody }))));
  const root = createRoot(box);
  return {
    root: () => box,
    async update(source) {
      const story = await read(source);
      flushSync(() => root.render(element(Blog, { story })));
    },
  };
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (c) => ESCAPES[c]);
const markup = (story) =>
  `<div><h2>${escape(story.headline)}</h2><p>${when(story.dateModified)}</p><div class="entries">${story.liveBlogUpdate
    .map(
      (entry) =>
        `<article id="${escape(entry["@id"])}"><header><time datetime="${entry.datePublished}">${when(entry.datePublished)}</time></header>` +
        `<h3>${escape(entry.headline)}</h3>${paragraphs(entry.articleBody).map((text) => `<p>${escape(text)}</p>`).join("")}</article>`,
    )
    .join("")}</div></div>`;

const morphing = (morph) => (box) => {
  box.append(document.createElement("div"));
  return {
    root: () => box,
    async update(source) {
      morph(box.firstElementChild, markup(await read(source)));
    },
  };
};

function replace(box) {
  return {
    root: () => box,
    async update(source) {
      box.innerHTML = DOMPurify.sanitize(markup(await read(source)));
    },
  };
}

/** What all of them do at least: the answer read, and nothing shown. */
export const nothing = async (source) => void (await read(source));

/** Everybody, the floor first. */
export const contenders = {
  "hand-written": hand,
  "live-article": live,
  lit,
  React: react,
  morphdom: morphing((old, markup) => morphdom(old, markup)),
  idiomorph: morphing((old, markup) => Idiomorph.morph(old, markup)),
  "innerHTML + DOMPurify": replace,
};
