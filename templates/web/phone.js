// Makes the phone quick: keys type at once, and a press swaps parts of the page instead of loading it anew.
// Without this file everything works by the form alone.
"use strict";
(() => {
  const form = document.getElementById("form");
  const typed = form.elements.typed;
  let queue = Promise.resolve();

  function swap(html, what) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const old of document.querySelectorAll(what)) {
      const part = fresh.getElementById(old.id);
      if (part && part.innerHTML !== old.innerHTML) old.replaceChildren(...part.childNodes);
    }
    return fresh;
  }

  function trouble(text) {
    const line = document.createElement("p");
    line.className = "alert";
    line.textContent = text;
    document.getElementById("says").replaceChildren(line);
  }

  async function post(action) {
    form.classList.add("busy");
    const body = new URLSearchParams(new FormData(form));
    body.set("do", action);
    try {
      const answer = await fetch("/phone", { method: "POST", body });
      if (!answer.ok) throw new Error(String(answer.status));
      typed.value = swap(await answer.text(), "[data-swap]").getElementById("typed").value;
      document.getElementById("says").scrollTop = 0;
    } catch {
      trouble("The page could not reach its server. Is it still running?");
    }
    form.classList.remove("busy");
  }

  // One after the other: a second press waits for the answer to the first, as it would on a phone.
  const press = (action) => (queue = queue.then(() => post(action)));

  // Only who is asked for: the call, with what was typed in it, stays here.
  async function look() {
    const chosen = new FormData(form);
    const who = new URLSearchParams(["client", "other", "language"].map((name) => [name, chosen.get(name) ?? ""]));
    const answer = await fetch(`/phone?${who}`).catch(() => null);
    if (answer && answer.ok) swap(await answer.text(), "#inbox");
  }

  function type(key) {
    typed.setRangeText(key, typed.selectionStart, typed.selectionEnd, "end");
  }

  function clear() {
    if (typed.selectionStart === typed.selectionEnd && typed.selectionStart > 0) typed.selectionStart -= 1;
    typed.setRangeText("");
  }

  function flash(button) {
    if (!button) return;
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), 120);
  }

  // A click leaves the focus in the answer, so that Enter sends it and does not press the same button again.
  for (const part of form.querySelectorAll(".keys, .title")) {
    part.addEventListener("mousedown", (event) => event.preventDefault());
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.value === "save") return; // a file: the browser knows what to do with it
    event.preventDefault();
    if (button && button.name === "key") type(button.value);
    else if (button && button.value === "clear") clear();
    else if (button && button.value === "look") look();
    else press(button ? button.value : "send");
  });

  form.addEventListener("change", (event) => {
    if (["client", "channel", "other"].includes(event.target.id)) press("choose");
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inField = event.target.matches("input, select, summary, a, button");
    if (event.key === "Escape" && !event.target.matches("select")) {
      event.preventDefault();
      flash(form.querySelector("[value=hang]"));
      press("hang");
    } else if (/^[0-9*#]$/.test(event.key)) {
      flash(form.querySelector(`[name=key][value="${event.key}"]`));
      if (event.target.matches("input, select")) return;
      event.preventDefault();
      type(event.key);
    } else if (event.key === "Enter" && !inField) {
      event.preventDefault();
      flash(form.querySelector(".go"));
      press("send");
    } else if (event.key === "Backspace" && !inField) {
      event.preventDefault();
      clear();
    } else if (event.key.length === 1 && !inField && (event.key !== " " || typed.value)) {
      event.preventDefault(); // words, wherever somebody has clicked before
      type(event.key);
    }
  });

  setInterval(() => document.visibilityState === "visible" && look(), 4000);
  if (matchMedia("(pointer: fine)").matches) {
    document.getElementById("hint").hidden = false;
    typed.focus();
  }
  typed.setSelectionRange(typed.value.length, typed.value.length);
})();
