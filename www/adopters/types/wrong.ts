// What must not compile: where a line below one of these comments does, the comment is the error.
import "live-article";

const card = document.createElement("live-article");

// @ts-expect-error A name of an event that does not exist.
card.addEventListener("live-article-updated", () => {});
// @ts-expect-error Likewise.
card.addEventListener("live-article-lod", (event: Event) => console.log(event));
// @ts-expect-error A detail that this event has not.
card.addEventListener("live-article-load", ({ detail }) => detail.weight);
// @ts-expect-error Likewise, where it has bubbled to.
document.addEventListener("live-article-status", ({ detail }) => detail.article);
// @ts-expect-error No view of ours.
card.view = "compact";
// @ts-expect-error A number.
card.interval = "30";
// @ts-expect-error Read only.
card.status = "live";
// @ts-expect-error Null before the first content.
console.log(card.article.headline);
// @ts-expect-error No property of ours.
card.refreshInterval = 30;
// @ts-expect-error No status of ours.
console.log(card.status === "error");
