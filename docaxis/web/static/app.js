"use strict";
// Pages are complete without this file; it only saves steps. Its words come from the page, so that they are in its language.
(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const MINUTE_MS = 60000;

  // Buttons that need a script are hidden in the page.
  for (const button of all("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
      } catch {
        return; // the text stands on the page: it can be marked by hand
      }
      const said = button.querySelector("[data-done]") || button;
      said.setAttribute("role", "status");
      said.textContent = said.dataset.done || said.textContent;
    });
  }

  for (const button of all("[data-shows]")) {
    const field = document.getElementById(button.dataset.shows);
    if (!field) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      field.type = field.type === "password" ? "text" : "password";
      swapWords(button);
    });
    // A password that is shown must not be kept as ordinary text by the browser.
    if (field.form) field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  for (const area of all("[data-drop]")) {
    const field = area.querySelector("input[type=file]");
    const names = area.querySelector(".drop-names");
    if (!field) continue;
    const show = () => {
      if (!names) return;
      names.replaceChildren(...[...field.files].map((file) => {
        const line = document.createElement("li");
        line.textContent = file.name;
        return line;
      }));
    };
    const over = (is) => area.classList.toggle("drop-over", is);
    area.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
    area.addEventListener("dragleave", () => over(false));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      const held = new DataTransfer();
      const dropped = [...event.dataTransfer.files];
      for (const file of field.multiple ? [...field.files, ...dropped] : dropped.slice(0, 1)) held.items.add(file);
      field.files = held.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    field.addEventListener("change", show);
    show();
  }

  for (const bar of all("[data-live]")) {
    if (!window.EventSource || !bar.dataset.live) continue;
    const text = bar.querySelector(".live-text");
    const pause = bar.querySelector(".live-pause");
    const since = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
    let count = 0;
    let spokenAt = 0;
    let waiting = 0;
    let stream = null;

    const say = (words, isNews) => {
      if (text.textContent !== words) text.textContent = words;
      bar.classList.toggle("live-told", Boolean(words));
      bar.classList.toggle("live-news", isNews);
    };
    const speak = () => {
      waiting = 0;
      spokenAt = Date.now();
      const form = count === 1 ? bar.dataset.one : bar.dataset.many;
      say(form.replace("{count}", count.toLocaleString(document.documentElement.lang)).replace("{time}", since), true);
    };
    const open = () => {
      stream = new EventSource(bar.dataset.live);
      stream.addEventListener("change", (event) => {
        count += JSON.parse(event.data).changes;
        // The first is said at once, the next ones together, once a minute.
        if (!waiting) waiting = setTimeout(speak, Math.max(0, spokenAt + MINUTE_MS - Date.now()));
      });
      stream.addEventListener("open", () => { if (!count) say("", false); });
      stream.addEventListener("error", () => { if (!count) say(bar.dataset.lost || "", false); });
    };
    const shut = () => {
      if (stream) stream.close();
      stream = null;
      clearTimeout(waiting);
      waiting = 0;
    };

    if (pause) {
      pause.hidden = false;
      pause.addEventListener("click", () => {
        swapWords(pause);
        if (stream) {
          shut();
          if (!count) say(bar.dataset.paused || "", false);
        } else {
          if (!count) say("", false);
          open();
        }
      });
    }
    window.addEventListener("pagehide", shut);
    window.addEventListener("pageshow", (event) => { if (event.persisted && !stream) open(); });
    open();
  }

  // Single keys may be switched off (WCAG 2.1.4), and never act where one types.
  if (document.body.dataset.keys === "on") {
    let before = "";
    const rows = () => all("main tbody tr, main .attention > li").filter((row) => row.querySelector("a") && row.offsetParent);
    const move = (by) => {
      const found = rows();
      if (!found.length) return;
      const at = found.findIndex((row) => row.contains(document.activeElement));
      const next = found[Math.min(found.length - 1, Math.max(0, at + by))];
      // The focus goes to the row's own link, so that Enter opens it as it does for everyone.
      next.querySelector("a").focus();
    };
    const go = (link) => {
      const found = document.querySelector(link);
      if (found) location.href = found.href;
    };
    document.addEventListener("keydown", (event) => {
      const where = event.target;
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      if (where.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(where.tagName)) return;
      const was = before;
      before = event.key;
      if (was === "g" && event.key === "h") go(".wordmark");
      else if (event.key === "/") {
        const field = all("input[type=search]").find((one) => one.offsetParent);
        if (!field) return;
        event.preventDefault();
        field.focus();
        field.select();
      } else if (event.key === "j") move(1);
      else if (event.key === "k") move(-1);
      else if (event.key === "?") go("[data-help]");
    });
  }

  function swapWords(button) {
    const words = button.textContent;
    button.textContent = button.dataset.other || words;
    button.dataset.other = words;
  }
})();
