// Says what a choice means while somebody writes. Without it the same words come with "Save draft".
const form = document.getElementById("plan-form");

if (form) {
  let timer;
  const say = async () => {
    const answer = await fetch(form.dataset.explain, { method: "POST", body: new FormData(form) });
    if (!answer.ok) return;
    const { words, problems } = await answer.json();
    for (const place of form.querySelectorAll("[data-explains]")) {
      const key = place.dataset.explains;
      const text = problems[key] ? `Not yet: ${problems[key]}.` : words[key] || "";
      if (place.textContent !== text) place.textContent = text;
    }
  };
  for (const place of form.querySelectorAll("[data-explains]")) place.setAttribute("aria-live", "polite");
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(say, 400);
  });
}
