// Scrolls the list of orders and tells the time between frames, and in how many of them a place in sight had no row, or a
// row whose order was still to come.
const scroller = document.querySelector("[data-testid=grid-scroller]");
const frame = () => new Promise(requestAnimationFrame);
const outsideFrames = () => new Promise((go) => setTimeout(go));

const look = () => {
  const box = scroller.getBoundingClientRect();
  const places = [];
  for (let y = box.top + 5; y < box.bottom; y += 30) {
    places.push(document.elementFromPoint(box.left + box.width / 2, y)?.closest("[role=row]")?.textContent);
  }
  return { bare: places.some((text) => text === undefined), waiting: places.some((text) => text === "") };
};

const scroll = async (frames, step) => {
  const result = { times: [], bare: 0, waiting: 0 };
  let before = await frame();
  for (let count = 0; count < frames; count++) {
    // As a hand scrolls: between frames, so that the next one begins with telling the page.
    await outsideFrames();
    step(count / frames, count);
    const now = await frame();
    // What is there now is what this frame paints.
    const { bare, waiting } = look();
    result.bare += bare;
    result.waiting += waiting;
    result.times.push(now - before);
    before = now;
  }
  return result;
};

// Down and up again, two rows in each frame: a fast wheel.
const wheel = (part) => {
  scroller.scrollTop += part < 0.5 ? 120 : -120;
};

// To anywhere in the list in every fourth frame: somebody who drags the bar.
const drag = (_, count) => {
  if (count % 4 === 0) {
    scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * ((count * 0.1545) % 1);
  }
};
