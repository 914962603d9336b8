// Without a framework.
import "live-article";

const card = document.querySelector("live-article");
const updates = document.querySelector("output");
card.addEventListener("live-article-update", () => (updates.value = +updates.value + 1));
pause.onclick = () => (card.paused = !card.paused);
other.onclick = () => (card.src = "/other.jsonld");
leave.onclick = () => app.remove();
