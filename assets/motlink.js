// What the page does by itself, without the server: the Undo clock, keys, the focus.
(() => {
  "use strict";
  const SECONDS = 10;
  let clock = null;
  let left = 0;
  // A page that is loaded anew shows the same notice: its clock goes on there, too.
  const KEPT = "notice";
  const kept = (number) => {
    const [whose, seconds] = (sessionStorage.getItem(KEPT) ?? "").split(" ");
    return whose === number ? Number(seconds) : SECONDS;
  };

  function run(notice) {
    clearInterval(clock);
    const show = () => { const place = notice.querySelector("[data-left]"); if (place) place.textContent = " " + left + " s"; sessionStorage.setItem(KEPT, last + " " + left); };
    show();
    clock = setInterval(() => {
      if (!notice.isConnected) return clearInterval(clock);
      // The clock waits for whoever is on the way to it.
      if (notice.matches(":hover") || notice.contains(document.activeElement)) return;
      left -= 1;
      show();
      if (left <= 0) { clearInterval(clock); sessionStorage.removeItem(KEPT); notice.querySelector("[data-dismiss]")?.click(); }
    }, 1000);
  }

  let last = null;
  let running = null;
  new MutationObserver(() => {
    const notice = document.querySelector("[data-notice]");
    const number = notice?.dataset.notice;
    if (!notice || (number === last && notice === running)) return;
    // The same notice comes back after the line was down: its clock goes on.
    if (number !== last) left = kept(number);
    [last, running] = [number, notice];
    run(notice);
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-notice"] });

  const OPEN = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";
  const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    // What is open takes Escape first.
    if (event.key === "Escape" && !document.querySelector(OPEN)) document.querySelector("[data-clear]")?.click();
    if (event.key === "u") document.querySelector("[data-notice] [data-undo]")?.click();
  });

  // A dialog that the server opens knows no button to give the focus back to.
  const DIALOG = "[role=dialog], [role=alertdialog]";
  let before = null;
  let open = false;
  document.addEventListener("focusin", (event) => { if (!event.target.closest(DIALOG)) before = event.target; });
  new MutationObserver(() => {
    const now = document.querySelector(DIALOG) !== null;
    if (open && !now) setTimeout(() => {
      if (document.activeElement === document.body && before?.isConnected) before.focus();
    }, 50);
    open = now;
  }).observe(document.documentElement, { subtree: true, childList: true });

  // Not every browser gives the focus to a button that is tapped, and the focus is what opens its card.
  document.addEventListener("click", (event) => {
    const more = event.target instanceof Element && event.target.closest("[data-more]");
    if (more && more.dataset.state === "closed") { more.blur(); more.focus(); }
  });

  // The router would take the skip link for a change of screen and leave the focus behind.
  document.addEventListener("click", (event) => {
    const skip = event.target instanceof Element && event.target.closest("a.skip");
    const content = skip && document.querySelector(skip.hash);
    if (content) { event.preventDefault(); event.stopPropagation(); content.focus(); }
  }, true);
})();
