// When the minute is over, the masks are put on again. Without script the page is loaded anew instead.
{
  const seconds = Number(document.body.dataset.shownFor || 0);
  const ends = Date.now() + seconds * 1000;
  const mask = () => {
    for (const one of document.querySelectorAll("[data-masked]")) {
      one.textContent = one.dataset.masked;
    }
    for (const one of document.querySelectorAll("[data-while-shown]")) {
      one.textContent = "The minute is over: masked again. Load the page anew to ask once more.";
    }
  };
  if (seconds) {
    setTimeout(mask, seconds * 1000);
    // A laptop that slept, a tab in the background: timers may be late.
    document.addEventListener("visibilitychange", () => Date.now() < ends || mask());
  }
}
