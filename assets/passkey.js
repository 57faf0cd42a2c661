// Passkeys: what the browser is asked for stands in the form, what it answers goes back with it.
"use strict";
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const letters = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function asked(text) {
  const options = JSON.parse(text);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const one of list || []) one.id = bytes(one.id);
  }
  return options;
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = letters(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id, rawId: letters(credential.rawId), type: credential.type, response,
    clientExtensionResults: {},
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const told = form.querySelector("[data-told]");
  const button = form.querySelector("button[type=submit]");
  const { passkey, code, by } = form.elements;
  if (!window.PublicKeyCredential) {
    told.textContent = "This browser cannot use passkeys.";
    // Enter then presses the button of the code, where there is one.
    button.type = "button";
    continue;
  }
  // A page that the browser had kept for its Back button still holds the answer that was sent from it.
  window.addEventListener("pageshow", () => { passkey.value = ""; });
  // Pressed any earlier, the form would leave without an answer.
  button.disabled = false;
  // The same form takes a code; it is needed only where its own button is pressed.
  by?.addEventListener("click", () => { code.required = true; });
  button.addEventListener("click", () => { if (code) code.required = false; });
  form.addEventListener("submit", async (event) => {
    // Enter in the code's field presses the first button.
    if (by && (event.submitter === by || (document.activeElement === code && code.value))) {
      passkey.value = "";
      return;
    }
    if (passkey.value) return;
    event.preventDefault();
    told.textContent = "";
    try {
      const publicKey = asked(form.dataset.passkey);
      const credential = form.dataset.does === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      passkey.value = answered(credential);
      form.submit();
    } catch (error) {
      told.textContent = error.name === "InvalidStateError"
        ? "This device has a passkey of your account already."
        : "Nothing came of it: it was cancelled, or took too long. Try again.";
    }
  });
}
