// Print and share for the mates' plan. Without this script the picture can still be saved and the address copied.
const picture = document.querySelector("[data-plan-picture]");
const printButton = document.querySelector("[data-plan-print]");
const shareButton = document.querySelector("[data-plan-share]");

if (printButton && window.print) {
  printButton.hidden = false;
  printButton.addEventListener("click", () => window.print());
}

async function share() {
  const text = { title: "Our plan", url: location.href };
  try {
    const answer = await fetch(picture.href);
    const file = new File([await answer.blob()], "my-mates-plan.png", { type: "image/png" });
    if (navigator.canShare?.({ files: [file] })) {
      await navigator.share({ files: [file], title: text.title });
      return;
    }
    await navigator.share(text);
  } catch (error) {
    if (error.name !== "AbortError") shareButton.textContent = "Could not send. Save the picture instead.";
  }
}

if (shareButton && picture && navigator.share) {
  shareButton.hidden = false;
  shareButton.addEventListener("click", share);
}
