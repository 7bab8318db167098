"use strict";
// Finds addressees while one types; without this file the button does it. The answer is a part of the page, made by the server.
(() => {
  const field = document.getElementById("find");
  const found = document.getElementById("found");
  const level = document.getElementById("level");
  if (!field || !found) return;
  let timer = 0;
  let asked = null;
  const kept = () => [...document.querySelectorAll('input[name="to"], #found input[name="add"]:checked')].map((one) => one.value);
  const look = async () => {
    if (asked) asked.abort();
    asked = new AbortController();
    const query = new URLSearchParams({ find: field.value, level: level.value });
    const form = field.form;
    // What is ticked now stays ticked: it becomes one of those that are kept.
    for (const box of found.querySelectorAll('input[name="add"]')) {
      const there = form.querySelector(`input[name="to"][value="${CSS.escape(box.value)}"]`);
      if (box.checked && !there) {
        const one = document.createElement("input");
        one.type = "hidden"; one.name = "to"; one.value = box.value;
        form.append(one);
      } else if (!box.checked && there) {
        there.remove();
      }
    }
    try {
      const answer = await fetch(`${field.dataset.agencies}?${query}`, { signal: asked.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      found.innerHTML = await answer.text();
      const chosen = new Set(kept());
      for (const box of found.querySelectorAll('input[name="add"]')) box.checked = chosen.has(box.value);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 200); });
  level.addEventListener("change", look);
  const move = (event, step) => {
    const boxes = [...found.querySelectorAll('input[name="add"]')];
    const at = boxes.indexOf(document.activeElement);
    const next = boxes[at + step] || (step < 0 ? field : boxes[0]);
    if (next) { next.focus(); event.preventDefault(); }
  };
  field.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") move(event, 1); });
  found.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(event, 1);
    if (event.key === "ArrowUp") move(event, -1);
  });
})();
