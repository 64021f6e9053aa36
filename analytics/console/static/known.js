// The slider through the times at which something became known of a unit; without it the form and the links do the same.
"use strict";

(() => {
  const slider = document.querySelector("[data-moments]");
  if (!slider) return;
  const form = slider.form;
  const moments = JSON.parse(document.getElementById(slider.dataset.moments).textContent);
  const field = form.elements.known;
  const label = document.getElementById("known-label");
  const now = moments.length;
  const place = moments.findIndex((moment) => moment >= field.value);
  slider.max = now;
  slider.value = field.value === "" ? now : Math.max(0, place < 0 ? now - 1 : place - (moments[place] > field.value));
  slider.closest("[hidden]").hidden = false;

  const show = () => {
    const at = Number(slider.value);
    const text = at === now ? "now" : moments[at].replace("T", " ").replace("Z", " UTC");
    label.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  };
  let waiting = 0;
  const go = () => {
    const at = Number(slider.value);
    field.value = at === now ? "" : moments[at];
    form.requestSubmit();
  };
  slider.addEventListener("input", show);
  slider.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(go, 350); // an arrow key may be pressed again
  });
  show();
})();
