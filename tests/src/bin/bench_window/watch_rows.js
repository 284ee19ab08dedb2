// Notes when each order was first on screen, and when it was there as verified: right after the first frame with it was
// painted. `benchSeen(number)` comes with both times when both are known.
const times = new Map();
const waiting = new Map();

window.benchSeen = (number) =>
  new Promise((tell) => {
    waiting.set(number, tell);
    answer(number);
  });

const answer = (number) => {
  const { row, verified } = times.get(number) ?? {};
  if (row && verified) {
    waiting.get(number)?.({ row, verified });
  }
};

const painted = (then) =>
  requestAnimationFrame(() => {
    // What is posted in a frame comes after its painting.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = then;
    port2.postMessage(null);
  });

const look = () => {
  for (const row of document.querySelectorAll("[role=grid] [role=row]")) {
    const text = row.textContent;
    const number = text.match(/D\d{9}/)?.[0];
    if (!number) {
      continue;
    }
    const known = times.get(number) ?? {};
    times.set(number, known);
    for (const what of text.includes("收款已核实") ? ["row", "verified"] : ["row"]) {
      if (!(what in known)) {
        known[what] = null;
        painted(() => {
          known[what] = Date.now();
          answer(number);
        });
      }
    }
  }
};

new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
look();
