// Sends for a file and lets the browser keep it (motlink/web/download.py). A form that posts by itself would cut the
// line: Reflex hangs up whenever a page seems to be left, and takes up again only once it has been hidden.
export async function sendFor(address) {
  let answer;
  try {
    answer = await fetch(address, { method: "POST" });
  } catch {
    return; // No line: the page says so already.
  }
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) return showRefusal(address);
  const place = URL.createObjectURL(await answer.blob());
  const [, plain] = /filename\*?=(?:utf-8'')?"?([^";]+)/i.exec(answer.headers.get("content-disposition")) || [];
  const link = Object.assign(document.createElement("a"), { href: place, download: decodeURIComponent(plain || "") });
  link.click();
  setTimeout(() => URL.revokeObjectURL(place), 60_000);
}

// The server's own page says why.
function showRefusal(address) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address });
  document.body.append(form);
  form.submit();
}
