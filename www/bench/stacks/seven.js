//! What a card does, from libraries: polling, morphing, relative times, cleaning, lenient JSON, differences in words, feeds.
//! Not a line of application or style.
export { QueryClient, QueryObserver } from "@tanstack/query-core";
export { Idiomorph } from "idiomorph";
export * from "@github/relative-time-element";
export { default as DOMPurify } from "dompurify";
export { jsonrepair } from "jsonrepair";
export { diffWords } from "diff";
export { XMLParser } from "fast-xml-parser";
