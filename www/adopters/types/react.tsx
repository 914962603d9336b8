// The element in JSX: all of it must compile, but for what says that it does not.
import type {} from "live-article/react";
import type { LiveArticleElement } from "live-article";
import { useRef } from "react";

export function Story() {
  const card = useRef<LiveArticleElement>(null);
  return (
    <live-article
      ref={card}
      id="story"
      className="story"
      src="/story.jsonld"
      item="7"
      adopt={false}
      select="main"
      interval={10}
      view="article"
      updates="auto"
      format="absolute"
      lang="de"
      hour-cycle="h23"
      time-zone="Europe/Berlin"
      source-time-zone="UTC"
      heading-level={3}
      max-blocks={50}
      timeout={5}
      stylesheet="/article.css"
      remember
      paused={false}
      credentials="omit"
      embeds="video.example"
      onlive-article-load={(event) => console.log(event.detail.article.headline)}
      onlive-article-before-update={(event) => event.preventDefault()}
      onlive-article-update={({ detail }) => console.log(detail.changes.length, detail.weight)}
      onlive-article-pending={({ detail }) => console.log(detail.weight)}
      onlive-article-status={({ detail }) => console.log(detail.previous)}
      onlive-article-error={({ detail }) => console.log(detail.retryIn, card.current?.status)}
    >
      <p>The server's own copy.</p>
    </live-article>
  );
}

export function Wrong() {
  return [
    // @ts-expect-error No view of ours.
    <live-article view="compact" />,
    // @ts-expect-error A number.
    <live-article interval="ten" />,
    // @ts-expect-error A detail that this event has not.
    <live-article onlive-article-load={({ detail }) => console.log(detail.weight)} />,
    // @ts-expect-error The property's name: React would set it as an attribute that is none.
    <live-article timeZone="UTC" />,
  ];
}
