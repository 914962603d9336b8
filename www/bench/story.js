//! A live blog of any length, and what newsrooms do to one: the same words each time, so that runs can be compared.

// A small generator with a fixed seed (Park and Miller 1988).
let seed = 20160727;
const draw = (end) => (seed = (seed * 48271) % 2147483647) % end;

const WORDS = (
  "the harbour tide bridge ferry council storm night quay lamp crew pilot signal market rain gate captain harbour-master " +
  "wall pump lock crane barge rope anchor chart warning siren shelter school tram road station bell tower light shore"
).split(" ");
const sentence = (words) => {
  const text = Array.from({ length: words }, () => WORDS[draw(WORDS.length)]).join(" ");
  return text[0].toUpperCase() + text.slice(1) + ".";
};
const paragraph = () => `${sentence(12)} ${sentence(14)} ${sentence(9)}`;

/** A blog of `size` entries, newest first. */
export function blog(size) {
  seed = 20160727 + size;
  const entries = Array.from({ length: size }, (_, at) => ({
    id: `https://courier.example/storm#update-${size - at}`,
    headline: sentence(6),
    // A minute between two of them, the newest a day before the blog's own date.
    published: new Date(Date.UTC(2016, 6, 26, 10) - at * 60_000).toISOString(),
    paragraphs: [paragraph(), paragraph()],
  }));
  return { headline: "Storm over the strait", modified: Date.UTC(2016, 6, 27, 10), entries };
}

// Each makes the blog's next version from this one. What it puts in is undone by `undo`, if it has one.
const edit = (entry) => ({ ...entry, paragraphs: [entry.paragraphs[0], paragraph()] });
const edited = (count) => (entries) => {
  const at = new Set(Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * entries.length) / count)));
  return entries.map((entry, number) => (at.has(number) ? edit(entry) : entry));
};

/** What happens to a blog, by the name it has in the table. */
export const changes = {
  "same bytes": { next: null },
  "one edit": { next: edited(1) },
  "one insertion on top": {
    next: (entries) => [
      {
        id: `https://courier.example/storm#extra-${draw(1e9)}`,
        headline: sentence(6),
        published: "2016-07-26T11:00:00.000Z",
        paragraphs: [paragraph(), paragraph()],
      },
      ...entries,
    ],
    undo: (entries) => entries.slice(1),
  },
  "ten edits": { next: edited(10) },
  reorder: { next: (entries) => [...entries].reverse() },
};

/** The next version of a blog, a minute later. */
export const version = (blog, next) => ({ ...blog, modified: blog.modified + 60_000, entries: next(blog.entries) });

/** The document as a newsroom publishes it, in bytes. */
export const bytes = (blog) =>
  new TextEncoder().encode(
    JSON.stringify({
      "@context": "https://schema.org",
      "@type": "LiveBlogPosting",
      "@id": "https://courier.example/storm",
      headline: blog.headline,
      datePublished: "2016-07-26T00:00:00Z",
      dateModified: new Date(blog.modified).toISOString(),
      coverageEndTime: "2099-01-01T00:00:00Z",
      liveBlogUpdate: blog.entries.map(({ id, headline, published, paragraphs }) => ({
        "@type": "BlogPosting",
        "@id": id,
        headline,
        datePublished: published,
        articleBody: paragraphs.join("\n\n"),
      })),
    }),
  );

const formats = {};
const format = (options) => new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options });
const written = new Map();

/** An entry's time as it stands in the page. Kept once written, as whoever renders a thousand of them would do. */
export function when(published) {
  let text = written.get(published);
  if (!text) {
    formats.date ??= format({ year: "numeric", month: "2-digit", day: "2-digit" });
    formats.clock ??= format({ hour: "numeric", minute: "2-digit" });
    const date = new Date(published);
    written.set(published, (text = `${formats.date.format(date)} ${formats.clock.format(date)}`));
  }
  return text;
}

// Formatters differ in the kind of space before AM.
const plain = (text) => text.replace(/\s+/g, " ").trim();

/** What a reader must find: a line for each time, headline and paragraph. */
export const wanted = (blog) =>
  blog.entries.flatMap(({ published, headline, paragraphs }) => [when(published), headline, ...paragraphs].map(plain));

/** What a reader finds below `root`, be it ours or another's. */
export const found = (root) =>
  [...root.querySelectorAll("[part~=block], .entries > article")].flatMap((entry) =>
    [...entry.querySelectorAll("time, h3, p")].map(({ textContent }) => plain(textContent)),
  );
