// The smart box says what it takes a pasted text for; without this script it says so after sending.
(() => {
  const box = document.querySelector("[data-recognise]");
  const said = document.querySelector("[data-recognised]");
  if (!box || !said) return;
  let timer = 0;
  let asked = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const answer = await fetch(`${box.dataset.recognise}?q=${encodeURIComponent(box.value)}`).catch(() => null);
      if (!answer || !answer.ok || mine !== asked) return;
      const text = (await answer.json()).said;
      said.textContent = text;
      said.hidden = !text;
    }, 200);
  });
})();
