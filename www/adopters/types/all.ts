// Everything of the element's that a program can touch: all of it must compile. `tests/tidy.rs` holds it complete.
import "live-article";
import type {
  Article,
  Change,
  ErrorDetail,
  LiveArticleElement,
  LoadDetail,
  Pending,
  Status,
  StatusDetail,
  UpdateDetail,
  Weight,
} from "live-article";

const card: LiveArticleElement = document.createElement("live-article");
const found: LiveArticleElement | null = document.querySelector("live-article");
const all: HTMLCollectionOf<LiveArticleElement> = document.getElementsByTagName("live-article");
document.body.append(found ?? all[0] ?? card);

card.src = "/story.jsonld";
card.item = "urn:newsml:1";
card.adopt = true;
card.select = "main article";
card.interval = 7.5;
card.view = "card";
card.updates = "prompt";
card.format = "relative";
card.lang = "pt-BR";
card.hourCycle = "h23";
card.timeZone = "Asia/Tokyo";
card.sourceTimeZone = "Europe/Berlin";
card.headingLevel = 3;
card.maxBlocks = 20;
card.timeout = 5;
card.stylesheet = "/article.css";
card.remember = true;
card.paused = false;
card.credentials = "same-origin";
card.embeds = "*.video.example";

for (const attribute of [
  "src", "item", "adopt", "select", "interval", "view", "updates", "format", "lang", "hour-cycle", "time-zone",
  "source-time-zone", "heading-level", "max-blocks", "timeout", "stylesheet", "remember", "paused", "credentials", "embeds",
]) {
  card.setAttribute(attribute, "");
}

const asked: Promise<void> = card.refresh();
card.pause();
card.resume();
card.apply();

const article: Article | null = card.article;
if (article) {
  const texts: string[] = [article.id, article.headline];
  const perhaps: (string | null)[] = [
    article.url, article.summary, article.publisher, article.published, article.modified, article.version,
  ];
  for (const author of article.authors) perhaps.push(author.name, author.url);
  for (const block of article.blocks) perhaps.push(block.id, block.headline, block.published, block.modified, block.text);
  for (const correction of article.corrections) perhaps.push(correction.text, correction.date);
  const { url, caption, credit, width, height } = article.image ?? {};
  const flags: (boolean | null)[] = [article.live, article.free];
  console.log(texts, perhaps, url, caption, credit, width, height, flags);
}
const status: Status = card.status;
const pending: Pending | null = card.pending;
console.log(asked, status, pending?.weight);

const told = (changes: Change[], weight: Weight) => {
  for (const { kind, field, block } of changes) console.log(weight, kind, field, block);
};

card.addEventListener("live-article-load", ({ detail }) => console.log((detail satisfies LoadDetail).article.headline));
card.addEventListener("live-article-before-update", (event) => {
  const detail: UpdateDetail = event.detail;
  if (detail.weight === "minor") event.preventDefault();
});
card.addEventListener("live-article-update", function ({ detail }) {
  told(detail.changes, detail.weight);
  this.refresh();
});
card.addEventListener("live-article-pending", ({ detail }) => told(detail.changes, detail.weight), { once: true });
card.addEventListener("live-article-status", ({ detail: { status, previous } }: CustomEvent<StatusDetail>) =>
  console.log(status === "stale", previous === "live"),
);
card.addEventListener("live-article-error", ({ detail }) => {
  const { reason, message, url, retryIn }: ErrorDetail = detail;
  console.log(reason === "trap", message, url, (retryIn ?? 0) * 1000);
});

// They bubble.
document.addEventListener("live-article-update", ({ detail }) => told(detail.changes, detail.weight));
window.addEventListener("live-article-error", ({ detail }) => console.log(detail.message));
document.body.addEventListener("live-article-status", ({ detail }) => console.log(detail.status));

// Other events are as ever.
card.addEventListener("click", (event) => event.clientX);
card.addEventListener("of-the-page", (event) => event.type);
card.addEventListener("live-article-load", { handleEvent: (event) => console.log(event.type) });
const listener = () => {};
card.addEventListener("live-article-load", listener);
card.removeEventListener("live-article-load", listener);
