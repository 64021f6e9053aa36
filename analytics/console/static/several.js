// Alerts chosen together: all of those shown at once, and how many are chosen. Without scripts each is ticked by itself.
"use strict";

(() => {
  const form = document.getElementById("several");
  if (!form) return;
  const every = document.getElementById("choose-all");
  const boxes = [...form.elements].filter((one) => one.name === "alert");
  const count = document.getElementById("chosen-count");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    every.checked = chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
    count.textContent = `${chosen} of ${boxes.length} chosen`;
  };
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  every.closest("[hidden]").hidden = false;
  show();
})();
