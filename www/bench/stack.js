//! A card from seven libraries: the least application that polls a document and shows it as ours does.
//!
//! `<article data-src="/story.jsonld"></article>` becomes the card.

import "@github/relative-time-element";

import { QueryClient, QueryObserver } from "@tanstack/query-core";
import { diffWords } from "diff";
import DOMPurify from "dompurify";
import { XMLParser } from "fast-xml-parser";
import { Idiomorph } from "idiomorph";
import { jsonrepair } from "jsonrepair";

const client = new QueryClient();
const escape = (text = "") => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function parse(text) {
  if (text.trimStart().startsWith("<")) {
    const { rss, feed } = new XMLParser({ ignoreAttributes: false }).parse(text);
    const items = [].concat(rss?.channel.item ?? feed?.entry ?? []);
    return { headline: (rss?.channel ?? feed)?.title, blocks: items.map((item) => item.description ?? item.content?.["#text"] ?? "") };
  }
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    data = JSON.parse(jsonrepair(text));
  }
  const node = [data["@graph"] ?? data].flat()[0];
  const body = node.liveBlogUpdate ? [node.liveBlogUpdate].flat().map((entry) => entry.articleBody) : [node.articleBody ?? ""];
  return { headline: node.headline, summary: node.description, modified: node.dateModified, image: node.image?.url ?? node.image, blocks: body };
}

const markup = ({ headline, summary, modified, image, blocks }, changed) =>
  DOMPurify.sanitize(
    `<article><h2>${escape(headline)}</h2>${summary ? `<p>${escape(summary)}</p>` : ""}` +
      `<p>Last Updated: <relative-time datetime="${escape(modified)}"></relative-time></p>` +
      (typeof image === "string" ? `<img alt="" src="${escape(image)}">` : "") +
      blocks.map((block) => `<section>${/<p/.test(block) ? block : block.split(/\n\n/).map((text) => `<p>${escape(text)}</p>`).join("")}</section>`).join("") +
      (changed ? `<details><summary>What changed</summary><p>${changed}</p></details>` : "") +
      "</article>",
    { ADD_TAGS: ["relative-time"], ADD_ATTR: ["datetime"] },
  );

for (const host of document.querySelectorAll("[data-src]")) {
  let before;
  const query = {
    queryKey: [host.dataset.src],
    queryFn: async () => (await fetch(host.dataset.src, { cache: "no-cache" })).text(),
    refetchInterval: 30_000,
  };
  new QueryObserver(client, query).subscribe(({ data }) => {
    if (!data || data === before?.data) return;
    const story = parse(data);
    const words = story.blocks.join(" ");
    const changed = before && diffWords(before.words, words).map(({ value, added, removed }) => (added ? `<ins>${escape(value)}</ins>` : removed ? `<del>${escape(value)}</del>` : "")).join(" ");
    Idiomorph.morph(host, markup(story, changed), { morphStyle: "innerHTML" });
    if (!before) dispatchEvent(new Event("shown"));
    before = { data, words };
  });
}
