//! The bench's page: runs the swap table when asked, and writes it down as it comes.

const form = document.querySelector("#start");
const [button, bar, said] = ["button", "progress", "output"].map((name) => form.querySelector(name));
const result = document.querySelector("#result");

// `?blocks=10,100&rounds=2` for a short one.
const query = new URLSearchParams(location.search);
const sizes = query.get("blocks")?.split(",").map(Number);
const rounds = query.has("rounds") ? Number(query.get("rounds")) : undefined;

const make = (name, parent, text = "", properties = {}) => parent.appendChild(Object.assign(document.createElement(name), { textContent: text, ...properties }));
const digits = (number) => number.toFixed(number < 9.95 ? 2 : 1);

function head(names) {
  result.replaceChildren();
  const table = make("table", result);
  make("caption", table, "Milliseconds (layout), and the ratio to hand-written");
  const row = make("tr", make("thead", table));
  for (const name of ["blocks", "change", "reading", ...names]) make("th", row, name, { scope: "col", className: name === "live-article" ? "ours" : "" });
  result.hidden = false;
  return make("tbody", table);
}

function line(body, { blocks, change, read, times }) {
  const row = make("tr", body);
  make("th", row, blocks.toLocaleString("en-US"), { scope: "row" });
  make("th", row, change, { scope: "row" });
  make("td", row, digits(read));
  const floor = times[0].script;
  for (const { name, script, layout } of times) {
    const cell = make("td", row, `${digits(script)} (${digits(layout)})`, { className: name === "live-article" ? "ours" : "" });
    if (name !== times[0].name) make("small", cell, `${digits(script / floor)}×`);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const { measure, plan } = await import("/bench/swap.js");
    const body = head(plan.contenders);
    said.value = "Running. Leave this tab in front.";
    await measure(document.querySelector("#stage"), {
      sizes,
      least: rounds,
      most: rounds,
      progress(share, row) {
        bar.value = share;
        line(body, row);
      },
    });
    said.value = "Done.";
  } catch (error) {
    said.value = `It could not be run: ${error.message}`;
  }
  button.disabled = false;
});
