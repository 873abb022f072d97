// Only on pages of people who said yes to a copy of Tonight on their phone.
navigator.serviceWorker?.register("/tonight-worker.js", { scope: "/" }).catch(() => {
  // Private windows refuse it. The page works without.
});
