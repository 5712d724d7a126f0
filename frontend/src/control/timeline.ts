/** The schedule to scale: time flows with the script, the now-line is red, what is frozen is hatched. */

function position(board: HTMLElement): void {
  const from = Number(board.dataset.from);
  const seconds = Number(board.dataset.seconds);
  for (const box of board.querySelectorAll<HTMLElement>("[data-start]")) {
    const start = Math.max(Number(box.dataset.start), from);
    const end = Math.min(Number(box.dataset.end ?? box.dataset.start), from + seconds);
    box.style.setProperty("--at", `${((start - from) / seconds) * 100}%`);
    box.style.setProperty("--long", `${(Math.max(0, end - start) / seconds) * 100}%`);
    box.classList.toggle("slim", ((end - start) / seconds) * board.clientWidth < 36);
  }
}

function now(board: HTMLElement): void {
  const from = Number(board.dataset.from);
  const seconds = Number(board.dataset.seconds);
  const horizon = Number(board.dataset.horizon);
  const at = Date.now() / 1000;
  board.style.setProperty("--now", `${Math.min(100, Math.max(0, ((at - from) / seconds) * 100))}%`);
  board.style.setProperty("--frozen", `${Math.min(100, Math.max(0, ((at + horizon - from) / seconds) * 100))}%`);
  for (const box of board.querySelectorAll<HTMLElement>(".slot")) {
    box.classList.toggle("past", Number(box.dataset.end) <= at);
    box.classList.toggle("playing", Number(box.dataset.start) <= at && at < Number(box.dataset.end));
  }
}

export function drawTimelines(): void {
  const draw = (): void => {
    for (const board of document.querySelectorAll<HTMLElement>("[data-timeline]")) {
      position(board);
      now(board);
    }
  };
  draw();
  setInterval(() => {
    for (const board of document.querySelectorAll<HTMLElement>("[data-timeline]")) now(board);
  }, 1000);
  addEventListener("resize", draw);
  for (const name of ["keshen:refreshed", "htmx:afterSettle"]) document.addEventListener(name, draw);
}
