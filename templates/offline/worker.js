// Keeps Tonight and what it needs; touches no other page. Network first: the copy is for when there is no signal.
const NAME = "tonight-{{ version }}";
const FILES = {{ files|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

let leaving = false; // from then on nothing is kept, not even what is on its way

function forget() {
  return caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
}

// The exit button: the page is gone before it could finish, so this is done here.
self.addEventListener("message", (event) => {
  if (event.data !== "leave") return;
  leaving = true;
  event.waitUntil(Promise.all([self.registration.unregister(), forget()]));
});

function keep(path, copy) {
  if (leaving) return Promise.resolve();
  return caches
    .open(NAME)
    .then((cache) => cache.put(path, copy))
    .then(() => (leaving ? forget() : undefined));
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin || !FILES.includes(address.pathname)) return;
  event.respondWith(
    fetch(event.request)
      .then(async (answer) => {
        // No waiting for the copy: the page comes first. A resting or broken page is not kept.
        if (answer.ok && !/no-store/.test(answer.headers.get("Cache-Control") ?? "")) {
          const copy = answer.clone();
          event.waitUntil(keep(address.pathname, copy));
        }
        return answer;
      })
      .catch(() => caches.match(address.pathname)),
  );
});
