//! A page in which a day passes in a minute: its clocks, timers and network are played, the rest is the browser's own.
//!
//! `soak.pass(hours)` lets time pass over five cards while documents change and everything fails now and then; cards come
//! and go. `soak.leak(kind)` plants a leak. What is counted and judged is left to whoever drives it. A classic script,
//! first in the page.

var soak = (() => {
  "use strict";
  const hop = (() => {
    const { port1, port2 } = new MessageChannel();
    return () => new Promise((done) => {
      port1.onmessage = done;
      port2.postMessage(0);
    });
  })();
  const network = fetch.bind(globalThis);
  let [wall, steady, last, asked] = [Date.UTC(2027, 4, 6, 9), 1000, 0, 0];
  const begun = wall;
  const timers = new Map();
  Date.now = () => wall;
  performance.now = () => steady;
  globalThis.setTimeout = (call, wait = 0) => (timers.set(++last, { call, at: steady + Number(wait) }), last);
  globalThis.clearTimeout = (id) => void timers.delete(id);

  // The one memory of the module, whichever way it is made.
  const memories = new Set();
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    for (const it of Object.values(instance.exports)) if (it instanceof WebAssembly.Memory) memories.add(it);
    return instance;
  };

  /* Documents: each another form, each in a cycle of versions of bounded size. */
  const words = "tide bridge ferry council storm night quay lamp crew pilot signal market rain gate captain wall".split(" ");
  const text = (number) => Array.from({ length: 30 }, (_, at) => words[(number * 7 + at * (number + 3)) % 16]).join(" ");
  const iso = (time) => new Date(time).toISOString();
  // A new version each seven minutes, and now and then one that is older than the last.
  const STEP = 420_000;
  const entries = (version) => Array.from({ length: 20 + (version % 3) }, (_, at) => {
    const number = 22 - (2 - (version % 3)) - at;
    return { number, headline: `Update ${number}`, text: text(number + (version % 5 === number % 5 ? version % 11 : 0)), at: begun - 86_400_000 + number * 60_000 };
  });
  const paragraphs = (version) => Array.from({ length: 12 }, (_, at) => text(at + ((version + at) % 4 ? 0 : version % 13)));
  // At the end of a stretch all come to rest on the same version, so that what is counted is the same.
  let resting = "";
  const headline = (version) => resting || `Storm, version ${version % 9}`;
  const node = (version, time) => ({
    "@context": "https://schema.org", "@type": "NewsArticle", "@id": "/a", headline: headline(version),
    datePublished: iso(begun - 86_400_000), dateModified: iso(time), description: text(version % 6),
    correction: version % 12 === 11 ? { "@type": "CorrectionComment", text: "It was the other bridge." } : undefined,
  });
  const forms = {
    article: (version, time) => JSON.stringify({ ...node(version, time), articleBody: paragraphs(version).map((one) => `<p>${one} <a href="/x">more</a></p>`).join("") }),
    blog: (version, time) => JSON.stringify({
      ...node(version, time), "@type": "LiveBlogPosting",
      liveBlogUpdate: entries(version).map((entry) => ({ "@type": "BlogPosting", "@id": `/b#${entry.number}`, headline: entry.headline, articleBody: entry.text, datePublished: iso(entry.at) })),
    }),
    feed: (version, time) => JSON.stringify({
      version: "https://jsonfeed.org/version/1.1", title: "Storm",
      items: [{ id: "1", title: headline(version), content_html: paragraphs(version).map((one) => `<p>${one}</p>`).join(""), date_published: iso(begun - 86_400_000), date_modified: iso(time) }],
    }),
    page: (version, time) => `<!doctype html><title>Storm</title><script type="application/ld+json">${JSON.stringify(node(version, time))}</script><main>${paragraphs(version).map((one) => `<p>${one}</p>`).join("")}</main>`,
    atom: (version, time) => `<feed xmlns="http://www.w3.org/2005/Atom"><title>Storm</title><entry><id>a</id><title>${headline(version)}</title><published>${iso(begun - 86_400_000)}</published><updated>${iso(time)}</updated><content type="html">${paragraphs(version).map((one) => `&lt;p>${one}&lt;/p>`).join("")}</content></entry></feed>`,
  };
  const names = Object.keys(forms);
  const attributes = { article: {}, blog: { "max-blocks": "8" }, feed: { item: "1", updates: "prompt" }, page: { select: "main" }, atom: { item: "a", view: "card" } };

  const response = (body, status = 200, headers = {}) => new Response(body, { status, headers: { date: new Date(wall).toUTCString(), ...headers } });
  const never = (signal) => new Promise((_, failed) => signal?.addEventListener("abort", () => failed(signal.reason), { once: true }));
  globalThis.fetch = async (input, init) => {
    const url = new URL(input.url ?? input, location);
    const form = url.pathname.match(/^\/soak\/(\w+)$/)?.[1];
    if (!form) return network(input, init);
    const number = ++asked;
    if (resting) return response(forms[form](0, wall));
    const version = Math.floor((wall - begun) / STEP);
    const body = (version) => forms[form](version, begun + version * STEP);
    const fault = { 5: 503, 11: "network", 17: "malformed", 23: "cut", 29: "older", 31: 429, 37: "never", 41: "empty", 43: "login" };
    const [, what] = Object.entries(fault).find(([every]) => number % every === 0) ?? [];
    switch (what) {
      case 503: return response("no", 503, number % 2 ? { "retry-after": "20" } : {});
      case 429: return response("slower", 429, { "retry-after": new Date(wall + 30_000).toUTCString() });
      case "network": throw new TypeError("no network");
      case "malformed": return response(body(version).replaceAll(/["<>]/g, "{"));
      case "cut": return response(body(version).slice(0, 200));
      case "older": return response(body(Math.max(0, version - 5)));
      case "never": return never(init?.signal ?? input.signal);
      case "empty": return response("");
      case "login": return response("<!doctype html><title>Sign in</title><form></form>");
    }
    return response(body(version), 200, number % 3 ? { etag: `"${form}-${version}"` } : {});
  };

  const cards = [];
  function place(at) {
    const card = document.createElement("live-article");
    for (const [name, value] of Object.entries({ src: `/soak/${names[at]}`, updates: "auto", ...attributes[names[at]] })) card.setAttribute(name, value);
    // All in sight, whatever the window.
    card.style = `position: fixed; inset: 0 auto auto ${at * 20}%; width: 20%; height: 50vh; overflow: hidden`;
    cards[at]?.remove();
    document.body.append((cards[at] = card));
  }

  async function until(end) {
    for (;;) {
      let first;
      for (const [id, timer] of timers) if (timer.at <= end && !(first && first[1].at <= timer.at)) first = [id, timer];
      if (!first) break;
      const by = Math.max(0, first[1].at - steady);
      [wall, steady] = [wall + by, steady + by];
      timers.delete(first[0]);
      first[1].call();
      for (let task = 0; task < 6; task++) await hop();
    }
    [wall, steady] = [wall + end - steady, end];
  }

  // Two versions after one another, so that what is told of the last change is the same too; until its marks have faded.
  async function rest() {
    for (resting of ["Rest, one", "Rest, two"]) {
      for (const card of cards) {
        // A request that was under way may still fail.
        for (let tries = 0; card.article?.headline !== resting && tries < 20; tries++) {
          card.refresh();
          await until(steady + 15_000);
          card.apply();
        }
      }
    }
    await until(steady + 60_000);
    const shown = cards.map((card) => card.article?.headline);
    if (shown.some((headline) => headline !== resting)) throw Error(`not all came to rest: ${shown}`);
    resting = "";
  }

  const kept = [];
  const leaks = {
    node: () => { for (let at = 0; at < 50; at++) kept.push(document.createElement("p")); },
    listener: () => { for (let at = 0; at < 20; at++) addEventListener("storage", () => at); },
    instance: () => { for (let at = 0; at < 3; at++) kept.push(document.createElement("live-article")); },
    array: () => kept.push(Array.from({ length: 40_000 }, (_, at) => at + 0.5)),
    memory: () => { for (const memory of memories) memory.grow(1); },
  };

  let hours = 0;
  return {
    async begin() {
      await customElements.whenDefined("live-article");
      names.forEach((_, at) => place(at));
    },
    /** Lets time pass, a part of an hour or more, and all come to rest. */
    async pass(share) {
      const end = steady + share * 3_600_000;
      while (steady < end) {
        hours++;
        place(hours % names.length);
        const other = cards[(hours + 1) % names.length];
        other.toggleAttribute("paused");
        dispatchEvent(new Event("offline"));
        await until(Math.min(end, steady + 60_000));
        dispatchEvent(new Event("online"));
        other.toggleAttribute("paused");
        other.apply();
        document.dispatchEvent(new Event("visibilitychange"));
        await until(Math.min(end, steady + 840_000));
      }
      await rest();
      return asked;
    },
    /** Plants one more of a leak. */
    leak: (kind) => leaks[kind](),
    /** Bytes of the module's memory. */
    memory: () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
  };
})();
