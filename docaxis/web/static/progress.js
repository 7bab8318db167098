// The progress of a check as the stream tells it; without this script the page reloads by itself.
(() => {
  const shown = document.querySelector("[data-progress]");
  if (!shown) return;
  const bar = shown.querySelector("progress");
  const stream = new EventSource(shown.dataset.progress);
  stream.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    if (told.state !== "running") {
      stream.close();
      location.replace(location.pathname);
      return;
    }
    bar.max = told.whole;
    bar.value = told.done;
    shown.querySelector("[data-figure]").textContent = told.figure;
    shown.querySelector("[data-second]").textContent = told.second;
  });
})();
