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
// Recovery codes: copied or printed. Without JavaScript the buttons are not there, and the codes can be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const codes = document.querySelector(button.dataset.copy);
    const lines = [codes.dataset.title, ...Array.from(codes.querySelectorAll("code"), (one) => one.textContent)];
    const told = document.querySelector("#copied");
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      told.textContent = "Copied. Paste them where only you can read them.";
    } catch {
      told.textContent = "Your browser does not allow it: select the codes and copy them, or print.";
    }
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
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
