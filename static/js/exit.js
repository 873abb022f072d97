// Quick exit. Without this script the button is a plain link to /leave/, which answers with a redirect.
// Escape once (with guards) or Shift three times does the same as the button.
const button = document.querySelector("[data-exit]");
const target = button?.dataset.exit;
const status = document.querySelector("[data-exit-status]");
const hint = document.querySelector("[data-exit-hint]");
const SHIFT_WINDOW_MS = 5000;
let presses = 0;
let timer = 0;
let shiftWasModifier = false;

function leave(event) {
  event?.preventDefault();
  const cover = document.createElement("div");
  cover.className = "leaving-cover";
  cover.setAttribute("role", "alert");
  document.body.classList.add("leaving");
  document.body.append(cover);
  cover.textContent = "Loading";
  document.title = "Loading";
  document.querySelector("link[rel=icon]")?.setAttribute("href", "data:,");
  try {
    sessionStorage.clear();
  } catch {
    // storage may be switched off; nothing of ours is in it then
  }
  // The worker lives longer than this page: it deletes itself and its copy.
  navigator.serviceWorker?.controller?.postMessage("leave");
  navigator.serviceWorker?.getRegistrations?.().then((all) => all.forEach((one) => one.unregister()));
  window.caches?.keys?.().then((keys) => keys.forEach((key) => caches.delete(key)));
  location.replace(target); // replace: Back must not lead to this page
}

function resetPresses(text = "") {
  presses = 0;
  clearTimeout(timer);
  showDots();
  if (status) status.textContent = text;
  if (text) setTimeout(() => { if (status.textContent === text) status.textContent = ""; }, SHIFT_WINDOW_MS);
}

function showDots() {
  button.querySelector(".exit-dots")?.remove();
  if (!presses) return;
  const dots = document.createElement("span");
  dots.className = "exit-dots";
  dots.setAttribute("aria-hidden", "true");
  for (let i = 1; i <= 3; i += 1) {
    const dot = document.createElement("span");
    if (i <= presses) dot.className = "on";
    dots.append(dot);
  }
  button.append(dots);
}

function typingIn(element) {
  return element?.matches?.("input, textarea, [contenteditable=true]") && (element.value ?? element.textContent) !== "";
}

function onEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (document.fullscreenElement || document.querySelector("dialog[open], details.menu[open]")) return;
  if (document.querySelector(":popover-open")) return;
  if (typingIn(document.activeElement)) return;
  leave(event);
}

function onKeyUp(event) {
  if (event.key !== "Shift") {
    shiftWasModifier = event.shiftKey;
    if (presses) resetPresses();
    return;
  }
  if (shiftWasModifier) {
    shiftWasModifier = false;
    return;
  }
  presses += 1;
  if (presses === 3) {
    leave();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(() => resetPresses("Leave this site: time ran out."), SHIFT_WINDOW_MS);
  showDots();
  if (status) status.textContent = presses === 1 ? "Shift, press 2 more times to leave." : "Shift, press 1 more time to leave.";
}

if (button && target) {
  document.querySelectorAll("[data-exit-link]").forEach((link) => link.addEventListener("click", leave));
  button.addEventListener("click", leave);
  if (button.dataset.exitOnEscape === "true") document.addEventListener("keydown", onEscape);
  document.addEventListener("keyup", onKeyUp, { capture: true });
  if (hint) hint.hidden = false; // a promise only where the script runs
  window.addEventListener("pageshow", () => {
    document.querySelector(".leaving-cover")?.remove();
    document.body.classList.remove("leaving");
    resetPresses();
  });
}
