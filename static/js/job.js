// Looks again every two seconds while work is under way. Without it there is the link "Look again".
const box = document.getElementById("job");

if (box) {
  const bar = document.getElementById("job-progress");
  const put = (id, text) => {
    const place = document.getElementById(id);
    if (place.textContent !== text) place.textContent = text;
  };
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.address);
      if (answer.ok) {
        const { state, done, of, line } = await answer.json();
        if (state === "done" || state === "failed") {
          location.reload();
          return;
        }
        put("job-state", state === "running" ? "Under way." : "Waiting for a worker.");
        put("job-line", line);
        if (of) {
          bar.max = of;
          bar.value = done;
          put("job-steps", `${done} of ${of} steps`);
        }
      }
    } catch {
      // no connection just now: look again later
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
}
