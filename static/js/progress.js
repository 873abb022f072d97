// Looks again while work is under way, for any page that shows it. Without this script the page's link "Look again" does.
//
//   <div id="NAME" data-progress="2">        looks again every 2 seconds
//     <p role="status">Under way.</p>        read out when its words change: keep them few, and steady between stages
//     <progress max="40" value="7"></progress> ...
//   </div>
//
// The page itself is fetched, and what is inside the marked element is brought up to date in place, so that focus stays
// where it is and screen readers keep hold of the status line. When the fetched page has no such element any more, or
// leads elsewhere, the work is over: the whole page is loaded.
const box = document.querySelector("[data-progress]");

// Makes `now` say what `next` says, changing as little as possible.
const bring = (now, next) => {
  if (now.isEqualNode(next)) return;
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.data = next.data;
    return;
  }
  for (const { name } of [...now.attributes]) if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  const [old, fresh] = [[...now.childNodes], [...next.childNodes]];
  const alike = old.length === fresh.length && old.every((each, n) => each.nodeName === fresh[n].nodeName);
  if (alike) old.forEach((each, n) => bring(each, fresh[n]));
  else now.replaceChildren(...fresh);
};

const look = async () => {
  try {
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
    const text = answer.ok ? await answer.text() : "";
    const next = answer.ok && new DOMParser().parseFromString(text, "text/html").getElementById(box.id);
    if (answer.type === "opaqueredirect" || (answer.ok && !next?.hasAttribute("data-progress"))) {
      location.reload();
      return;
    }
    if (next) bring(box, next);
  } catch {
    // no connection just now: look again later
  }
  wait();
};

const wait = () =>
  setTimeout(() => (document.hidden ? wait() : look()), 1000 * (Number(box.dataset.progress) || 2));

if (box) wait();
