// Shows new mails by itself and deletes on request. The page works without it.
"use strict";

const known = document.body.dataset.newest;

async function look() {
  if (document.hidden) return;
  const answer = await fetch("/messages?view=newest").catch(() => null);
  if (!answer || !answer.ok) return;
  const { newest } = await answer.json();
  if ((newest ?? "") !== known) location.reload();
}

async function remove(button) {
  if (button.dataset.ask && !confirm(button.dataset.ask)) return;
  await fetch(button.dataset.delete, { method: "DELETE" });
  location.assign("/");
}

for (const button of document.querySelectorAll("[data-delete]")) {
  button.addEventListener("click", () => remove(button));
}
document.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
setInterval(look, 2000);
