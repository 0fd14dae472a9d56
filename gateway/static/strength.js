// Says how strong a password is while it is typed. Without it the page works as well.
"use strict";

const PAUSE_MS = 400;

for (const meter of document.querySelectorAll("[data-strength-of]")) {
  const field = document.getElementById(meter.dataset.strengthOf);
  let waiting;
  let newest = 0;

  const show = async (asked) => {
    let text = "";
    if (field.value) {
      const answer = await fetch(`/password-strength?lang=${document.documentElement.lang}`, {
        method: "POST",
        body: new URLSearchParams({ password: field.value }),
      }).catch(() => null);
      text = answer && answer.status === 200 ? await answer.text() : "";
    }
    // An older question may be answered later.
    if (asked === newest) {
      meter.innerHTML = text;
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    newest += 1;
    waiting = setTimeout(show, PAUSE_MS, newest);
  });
}
