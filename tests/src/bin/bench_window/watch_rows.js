// Remembers when each order was first on screen, and when it was there as verified: two frames after it was in the page,
// when it has been painted for certain.
window.benchSeen = {};
const look = () => {
  for (const row of document.querySelectorAll("[role=grid] [role=row]")) {
    const text = row.textContent;
    const number = text.match(/D\d{9}/)?.[0];
    if (!number) {
      continue;
    }
    for (const what of text.includes("收款已核实") ? ["row", "verified"] : ["row"]) {
      const key = `${number} ${what}`;
      if (!(key in window.benchSeen)) {
        window.benchSeen[key] = null;
        requestAnimationFrame(() => requestAnimationFrame(() => (window.benchSeen[key] = Date.now())));
      }
    }
  }
};
new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
look();
