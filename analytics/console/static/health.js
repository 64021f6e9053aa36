// While the proof runs, its panel is asked for again; without scripts the link "Look again" does the same.
"use strict";

(() => {
  const place = document.getElementById("proof-state");
  if (!place || place.dataset.running !== "yes") return;
  const again = async () => {
    const answer = await fetch("/health/proof");
    if (!answer.ok) return;
    const text = await answer.text();
    if (text.includes("Running since")) {
      place.innerHTML = text;
      setTimeout(again, 1500);
    } else {
      location.reload();
    }
  };
  setTimeout(again, 1000);
})();
