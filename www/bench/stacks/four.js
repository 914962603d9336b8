//! The least that a page needs to poll, morph, tell times and clean; it reads plain JSON alone.
export { QueryClient, QueryObserver } from "@tanstack/query-core";
export { Idiomorph } from "idiomorph";
export * from "@github/relative-time-element";
export { default as DOMPurify } from "dompurify";
