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
