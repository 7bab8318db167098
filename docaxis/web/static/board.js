"use strict";
// The board's figures are fetched again every few seconds; a paused, hidden or busy page stands still.
(() => {
  const line = document.querySelector("[data-board]");
  const live = document.getElementById("board-live");
  if (!line || !live) return;
  const pause = line.querySelector("button");
  let paused = false;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    const said = pause.textContent;
    pause.textContent = pause.dataset.other;
    pause.dataset.other = said;
  });
  const busy = () => live.contains(document.activeElement) || live.querySelector("a:hover, tr:hover") || String(getSelection());
  setInterval(async () => {
    if (paused || document.hidden || busy()) return;
    try {
      const answer = await fetch(line.dataset.board, { redirect: "error", headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (answer.ok && !paused && !busy()) live.innerHTML = text;
    } catch {
      // The last figures stay, with the time at which they were measured.
    }
  }, Number(line.dataset.every) * 1000);
})();
