// A field with a list of choices below it: arrows move, Enter takes, and never what an older word had found.
(() => {
  "use strict";
  const fieldOf = (target) => target instanceof HTMLInputElement && target.matches("[data-typeahead]") ? target : null;
  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const choices = (field) => [...(listOf(field)?.querySelectorAll("[role=option]") ?? [])];
  const chosen = (field) => choices(field).find((one) => one.dataset.at === "1");
  // The list says which word it answers.
  const isFresh = (field) => listOf(field)?.dataset.answers === field.value.trim();

  function mark(field, choice) {
    for (const one of choices(field)) {
      if (one === choice) { one.dataset.at = "1"; one.setAttribute("aria-selected", "true"); }
      else { delete one.dataset.at; one.setAttribute("aria-selected", "false"); }
    }
    if (choice) { field.setAttribute("aria-activedescendant", choice.id); choice.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  }

  function move(field, by) {
    const all = choices(field);
    if (all.length) mark(field, all[(all.indexOf(chosen(field)) + by + all.length) % all.length]);
  }

  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.isComposing) return;
    if (event.key === "ArrowDown") { event.preventDefault(); move(field, 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); move(field, -1); }
    if (event.key === "Enter") {
      event.preventDefault();
      if (isFresh(field)) chosen(field)?.click();
      else field.dataset.waits = "1";
    }
  });

  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (field) delete field.dataset.waits;
  }, true);

  // Taken, by mouse or key: the field is empty and ready for the next one.
  document.addEventListener("click", (event) => {
    const choice = event.target instanceof Element && event.target.closest("[role=option][data-choice]");
    const list = choice && choice.closest("[role=listbox]");
    const field = list && document.querySelector(`[data-typeahead][aria-controls="${CSS.escape(list.id)}"]`);
    if (!field) return;
    field.value = "";
    mark(field, null);
    if (matchMedia("(hover: hover)").matches) field.focus();
  });

  new MutationObserver(() => {
    for (const field of document.querySelectorAll("[data-typeahead]")) {
      const all = choices(field);
      if (all.length && !chosen(field)) mark(field, all[0]);
      if (field.dataset.waits && isFresh(field)) { delete field.dataset.waits; chosen(field)?.click(); }
    }
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-answers"] });

  // The editor that floats opens where it was asked for.
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element && event.target.closest("[data-opens-here]");
    if (!opener) return;
    const at = opener.getBoundingClientRect();
    // In the sheet's own measure, so that it scrolls along.
    const sheet = document.querySelector(".editor-anchor")?.offsetParent?.getBoundingClientRect();
    const style = document.documentElement.style;
    style.setProperty("--at-x", `${at.left - (sheet?.left ?? 0)}px`);
    style.setProperty("--at-y", `${at.bottom - (sheet?.top ?? 0)}px`);
  }, true);
})();
