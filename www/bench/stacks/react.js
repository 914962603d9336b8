//! React with SWR, the most used way to poll from an application; it has no cleaning, feeds or differences.
export { createElement } from "react";
export { createRoot } from "react-dom/client";
export { default as useSWR } from "swr";
