// React 19 sets what the element has as a property, all else as an attribute; `on` before an event's name listens to it.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import "live-article";

function Story() {
  const [src, setSrc] = useState("/story.jsonld");
  const [paused, setPaused] = useState(false);
  const [updates, setUpdates] = useState(0);
  return (
    <>
      <live-article src={src} paused={paused} onlive-article-update={() => setUpdates((count) => count + 1)}>
        <p>The server's own copy.</p>
      </live-article>
      <output>{updates}</output>
      <button id="pause" onClick={() => setPaused(!paused)}>Pause</button>
      <button id="other" onClick={() => setSrc("/other.jsonld")}>Another story</button>
      <button id="leave" onClick={() => root.unmount()}>Leave</button>
    </>
  );
}

const root = createRoot(document.getElementById("app"));
root.render(<Story />);
