// Reloads a page that waits for a job once there is news. It asks only while the page is looked at,
// more slowly with time, and never for longer than half an hour; the person can stop it. Where
// something was typed or unfolded, it does not reload but says that there is news.
"use strict";
(() => {
  const box = document.getElementById("follow");
  if (!box) return;
  const words = box.querySelector("[data-words]");
  const begun = Date.now();
  let pause = 1500;
  let timer = 0;
  let stopped = false;

  const stop = (text) => {
    stopped = true;
    clearTimeout(timer);
    button.remove();
    words.textContent = text;
  };
  const unfolded = [...document.querySelectorAll("main details[open]")];
  const touched = () =>
    [...document.querySelectorAll("main details[open]")].some((one) => !unfolded.includes(one)) ||
    [...document.querySelectorAll("main input, main textarea, main select")].some((one) =>
      one.matches("select") ? [...one.options].some((o) => o.selected !== o.defaultSelected && o.index > 0)
        : one.type === "file" ? one.files.length > 0
        : one.type !== "hidden" && (one.value !== one.defaultValue || one.checked !== one.defaultChecked));
  const later = () => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(ask, pause);
  };
  const ask = async () => {
    if (Date.now() - begun > 30 * 60 * 1000) return stop("It takes long. Reload the page to see how it went.");
    pause = Math.min(pause * 1.3, 10000);
    try {
      const answer = await fetch(box.dataset.address, {
        headers: { "If-None-Match": `"${box.dataset.tag}"` }, cache: "no-store", redirect: "manual",
      });
      if (stopped) return;
      if (answer.status === 204) {
        if (touched()) return stop("There is news. Reload the page to see it; what you typed would be lost.");
        stopped = true;
        return location.reload();
      }
      if (answer.status !== 304) return stop("Reload the page to see how it went.");
    } catch {
      // The network or the server is away for a moment; ask again later.
    }
    later();
  };

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button second less";
  button.textContent = "Stop reloading";
  button.addEventListener("click", () => stop("Reload the page to see how it went."));
  box.append(button);
  words.textContent = "This page reloads by itself when there is news.";
  document.addEventListener("visibilitychange", later);
  later();
})();
