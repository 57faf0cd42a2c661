// The eye beside a password shows and hides what is typed; below a new one stands how strong it is. Without JavaScript
// there is neither, and all else works.
"use strict";
for (const eye of document.querySelectorAll(".eye")) {
  const input = eye.parentElement.querySelector("input");
  eye.hidden = false;
  eye.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    eye.setAttribute("aria-pressed", String(shown));
    eye.setAttribute("aria-label", shown ? "Hide password" : "Show password");
    input.focus();
  });
}

for (const shown of document.querySelectorAll(".strength")) {
  const form = shown.closest("form");
  const input = form.elements.namedItem("password");
  const said = shown.querySelector("[role=status]");
  let pause = 0;
  let asked = 0;
  const say = (level, words) => {
    shown.hidden = words === "";
    shown.dataset.level = level;
    if (said.textContent !== words) said.textContent = words;
  };
  const ask = async () => {
    const mine = ++asked;
    const body = new URLSearchParams({ password: input.value });
    const name = form.elements.namedItem("username");
    if (name) body.set("username", name.value);
    try {
      // In the body of a POST: never in an address, which logs and histories keep.
      const answer = await fetch(form.getAttribute("action") + "/hint", { method: "POST", body });
      if (mine !== asked) return;
      if (!answer.ok) return say(0, "");
      const { level, words } = await answer.json();
      if (mine === asked) say(level, words);
    } catch {
      if (mine === asked) say(0, "");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(pause);
    if (input.value === "") {
      asked += 1;
      say(0, "");
      return;
    }
    pause = setTimeout(ask, 300);
  });
}
