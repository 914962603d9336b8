//! Bytes to DOM, side by side: who shows the next version of a live blog in how much time of the main thread.
//!
//! What is counted begins when an answer is at hand and ends when its DOM is written; then a layout is forced and
//! counted apart. Everybody takes the same step in turn, in an order that rotates, and must end with the text that the
//! document has. Whoever calls decides where it runs: the harness's page, or `www bench`.

import { contenders, nothing } from "./contenders.js";
import { blog, bytes, changes, found, version, wanted } from "./story.js";

const SOURCE = "/bench/story.jsonld";

/** Blocks, changes and names, in the order of the table. */
export const plan = { sizes: [10, 100, 1000], changes: Object.keys(changes), contenders: Object.keys(contenders) };

// `fetch` answers from memory, without a network.
let answer;
const network = globalThis.fetch;
const memory = async (input, init) =>
  new URL(input?.url ?? input, location).pathname === SOURCE
    ? new Response(answer, { headers: { "content-type": "application/ld+json" } })
    : network.call(globalThis, input, init);

// Until the page has been painted, so that nobody pays for the one before.
const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    });
  });

const median = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/**
 * Measures all of it below `stage`, `budget` milliseconds each for blocks and change at most (nine rounds at least), and
 * calls `progress(share, row)` after each. Rows: `{ blocks, change, rounds, read, times: [{ name, script, layout }] }`,
 * medians in milliseconds; `read` is what reading the answer alone takes.
 */
export async function measure(stage, { sizes = plan.sizes, budget = 4000, most = 41, least = 9, progress = () => {} } = {}) {
  const rows = [];
  const count = sizes.length * plan.changes.length;
  globalThis.fetch = memory;
  try {
    await customElements.whenDefined("live-article");
    for (const size of sizes) {
      for (const change of plan.changes) {
        const row = await cell(stage, size, change, { budget, most, least });
        rows.push(row);
        await progress(rows.length / count, row);
      }
    }
  } finally {
    globalThis.fetch = network;
  }
  return rows;
}

async function cell(stage, size, change, { budget, most, least }) {
  const { next, undo } = changes[change];
  let shown = blog(size);
  answer = bytes(shown);
  const boxes = plan.contenders.map((name) => {
    const box = stage.appendChild(document.createElement("div"));
    return { name, box, script: [], layout: [], ...contenders[name](box) };
  });
  const step = async (one) => {
    await painted();
    const begun = performance.now();
    await one.update(SOURCE);
    const done = performance.now();
    one.box.getBoundingClientRect();
    one.box.scrollHeight;
    const laid = performance.now();
    const lines = wanted(shown);
    const is = found(one.root());
    const at = lines.findIndex((line, number) => line !== is[number]);
    if (at >= 0 || lines.length !== is.length) throw Error(`${one.name}, ${change} of ${size}: line ${at} is ${is[at]}, not ${lines[at]}`);
    return [done - begun, laid - done];
  };
  const publish = (make) => {
    shown = version(shown, make);
    answer = bytes(shown);
  };
  const read = [];
  const begun = performance.now();
  // The first three rounds warm up.
  for (let round = -3; round < most && (round < least || performance.now() - begun < budget); round++) {
    if (round === -3) for (const one of boxes) await step(one);
    if (next) publish(next);
    for (let turn = 0; turn < boxes.length; turn++) {
      const one = boxes[(turn + round + boxes.length * 3) % boxes.length];
      const [script, layout] = await step(one);
      if (round >= 0) {
        one.script.push(script);
        one.layout.push(layout);
      }
    }
    await painted();
    const alone = performance.now();
    await nothing(SOURCE);
    if (round >= 0) read.push(performance.now() - alone);
    if (undo) {
      publish(undo);
      for (const one of boxes) await step(one);
    }
  }
  const times = boxes.map(({ name, script, layout }) => ({ name, script: median(script), layout: median(layout) }));
  stage.replaceChildren();
  return { blocks: size, change, rounds: read.length, read: median(read), times };
}
