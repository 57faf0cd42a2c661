// The eye beside a password: shows and hides what is typed. Without JavaScript there is no eye, and all else works.
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
