// `<live-article>` in JSX for React 19: `import type {} from "live-article/react"` anywhere in the project.
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { LiveArticleElement, LiveArticleEventMap, LiveArticleProperties } from "./index.js";

type Kebab<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : Name;

/** By the names of the attributes: before the card's script has loaded, React sets those. */
export type LiveArticleAttributes = {
  [Name in keyof LiveArticleProperties as Kebab<Name>]?: LiveArticleProperties[Name];
};

export type LiveArticleListeners = {
  [Name in keyof LiveArticleEventMap as `on${Name}`]?: (event: LiveArticleEventMap[Name]) => void;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "live-article": DetailedHTMLProps<HTMLAttributes<LiveArticleElement>, LiveArticleElement> &
        LiveArticleAttributes &
        LiveArticleListeners;
    }
  }
}
