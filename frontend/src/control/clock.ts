/** The clock of the house and UTC, to the second; and ages that grow. */
export function runClock(): void {
  const clock = document.querySelector<HTMLElement>("[data-clock]");
  if (!clock) return;
  const local = clock.querySelector("[data-clock-local]");
  const utc = clock.querySelector("[data-clock-utc]");
  const here = new Intl.DateTimeFormat("ru", { timeStyle: "medium", timeZone: clock.dataset.clock ?? "UTC" });
  const there = new Intl.DateTimeFormat("ru", { timeStyle: "short", timeZone: "UTC" });
  const tick = (): void => {
    const now = new Date();
    if (local) local.textContent = here.format(now);
    if (utc) utc.textContent = there.format(now);
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}
