"use strict";
// Every page works without this: it copies, asks before what cannot be undone, and keeps what is shown fresh.
(() => {
  const show = (root) => root.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  show(document);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.elements.sure.value) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const question = document.createElement("p");
    question.id = "question";
    question.textContent = form.dataset.confirm + " This cannot be undone.";
    dialog.setAttribute("aria-labelledby", "question");
    const row = document.createElement("div");
    row.className = "row";
    const button = (label, kind, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = kind;
      made.textContent = label;
      made.addEventListener("click", act);
      row.append(made);
    };
    button(form.querySelector("button").textContent, "danger", () => { form.elements.sure.value = "yes"; form.submit(); });
    button("Cancel", "quiet", () => dialog.close());
    dialog.append(question, row);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });

  const fresh = document.getElementById("fresh");
  if (!fresh) return;
  const busy = () => document.hidden || document.querySelector("dialog[open]") || fresh.querySelector("details[open]")
    || fresh.contains(document.activeElement) || String(getSelection());
  const address = new URL(location.href);
  address.searchParams.delete("done");
  const look = async () => {
    if (busy()) return;
    const reply = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (!reply || busy()) return;
    // The session has ended.
    if (reply.type === "opaqueredirect") { location.reload(); return; }
    if (!reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const next = page.getElementById("fresh");
    if (!next || next.innerHTML === fresh.innerHTML) return;
    const state = () => fresh.querySelector(".why")?.className;
    const before = state();
    fresh.replaceChildren(...next.childNodes);
    show(fresh);
    // What was just done is old news once the state has changed.
    if (state() !== before) document.querySelector(".notice")?.remove();
  };
  // Soon after something was done, then calmly.
  const waits = [1000, 2000, 3000];
  const again = () => setTimeout(async () => { await look(); again(); }, waits.shift() ?? 10000);
  again();
})();
