/** What is shown: one version of an article. Times are ISO 8601 in UTC, a date without a time is a date alone. */
export interface Article {
  id: string;
  url: string | null;
  headline: string;
  summary: string | null;
  authors: { name: string; url: string | null }[];
  publisher: string | null;
  image: {
    url: string;
    caption: string | null;
    credit: string | null;
    width: number | null;
    height: number | null;
  } | null;
  published: string | null;
  modified: string | null;
  /** In document order; a plain article has one for each top-level element of its body. */
  blocks: {
    id: string;
    headline: string | null;
    published: string | null;
    modified: string | null;
    text: string;
  }[];
  corrections: { text: string; date: string | null }[];
  /** A live blog whose coverage is not over. */
  live: boolean;
  free: boolean | null;
  version: string | null;
}

/** One difference between two versions: of a field, or of a block by its id. */
export interface Change {
  kind: "added" | "removed" | "changed" | "moved";
  field: string | null;
  block: string | null;
}

/** `minor` is spelling, white space, punctuation and dates only; `correction` is a new or changed correction. */
export type Weight = "minor" | "update" | "correction";

/** How the card stands with its source. Each is a custom state too: `live-article:state(stale)`. */
export type Status = "loading" | "live" | "stale" | "offline" | "paused" | "ended" | "withdrawn" | "unsupported";

/** A newer version that is held back. */
export interface Pending {
  changes: Change[];
  weight: Weight;
}

export interface LoadDetail {
  article: Article;
}

export interface UpdateDetail extends Pending {
  article: Article;
}

export interface StatusDetail {
  status: Status;
  previous: Status;
}

export interface ErrorDetail {
  reason: "offline" | "timeout" | "network" | "http" | "too-large" | "malformed" | "no-article" | "older" | "trap";
  /** What was wrong, where, and what to do. */
  message: string;
  url: string;
  /** In seconds; null if it is not asked for again. */
  retryIn: number | null;
}

/** The events of the element, which bubble and are composed. */
export interface LiveArticleEventMap {
  "live-article-load": CustomEvent<LoadDetail>;
  /** Cancelable: then the newer version is held as `pending`. */
  "live-article-before-update": CustomEvent<UpdateDetail>;
  "live-article-update": CustomEvent<UpdateDetail>;
  "live-article-pending": CustomEvent<Pending>;
  "live-article-status": CustomEvent<StatusDetail>;
  "live-article-error": CustomEvent<ErrorDetail>;
}

/** What can be set. Each reflects an attribute: `timeZone` is `time-zone`. */
export interface LiveArticleProperties {
  /** URL of what is polled; without it the page itself. */
  src: string;
  /** Id or URL of one entry of a feed. */
  item: string;
  /** The children are the card. */
  adopt: boolean;
  /** CSS selector of the element that holds the article's body, in a polled HTML page. */
  select: string;
  /** Base pace in seconds; never under 5. */
  interval: number;
  view: "card" | "article" | "badge";
  /** When a newer version is swapped in. */
  updates: "quiet" | "auto" | "prompt";
  /** The badge's time. */
  format: "auto" | "relative" | "absolute";
  lang: string;
  hourCycle: string;
  /** Zone in which times are shown. */
  timeZone: string;
  /** Zone of times that carry none. */
  sourceTimeZone: string;
  /** The headline's, 1 to 6. */
  headingLevel: number;
  /** Blocks shown of a live blog before "show more". */
  maxBlocks: number;
  /** Seconds that one request may take. */
  timeout: number;
  /** URL of a style sheet linked inside the card. */
  stylesheet: string;
  /** Keep what this reader last saw, to mark what is new on the next visit. */
  remember: boolean;
  /** No polls while set. */
  paused: boolean;
  credentials: "omit" | "same-origin" | "include";
  /** CSP host-sources from which iframes in the body are allowed. */
  embeds: string;
}

/** A news article card that follows its newsroom in an open page: `<live-article>`. */
export interface LiveArticleElement extends HTMLElement, LiveArticleProperties {
  lang: string;
  /** What is shown; null before the first content. */
  readonly article: Article | null;
  readonly status: Status;
  /** A newer version that is held back. */
  readonly pending: Pending | null;

  /** Asks now. Resolves when the answer is shown, held or refused; never rejects. */
  refresh(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Swaps in what is held back. */
  apply(): void;

  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: ((this: LiveArticleElement, event: HTMLElementEventMap[K]) => unknown) | EventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Any other event; a name that only looks like one of the card's is refused. */
  addEventListener<T extends string>(
    type: T extends `live-article-${string}` ? never : T,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "live-article": LiveArticleElement;
  }
  interface HTMLElementEventMap extends LiveArticleEventMap {}
  interface DocumentEventMap extends LiveArticleEventMap {}
  interface WindowEventMap extends LiveArticleEventMap {}
}
