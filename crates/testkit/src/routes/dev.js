// Sends the action of a button to the issuer, then shows what came of it.
const outcome = document.getElementById("outcome");
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const answer = await fetch("/dev/control", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: button.dataset.action,
  });
  if (answer.ok) {
    location.reload();
  } else {
    outcome.textContent = (await answer.json()).error;
  }
});
