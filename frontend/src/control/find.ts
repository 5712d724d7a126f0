/** The one field for search and commands: `/` goes there, arrows choose, Enter opens. */
export function listenToFind(): void {
  const field = document.querySelector<HTMLInputElement>("[data-find]");
  const found = document.getElementById("found");
  if (!field || !found) return;
  let asked = 0;
  let timer = 0;

  const options = (): HTMLElement[] => Array.from(found.querySelectorAll<HTMLElement>("a"));
  const close = (): void => {
    found.hidden = true;
  };
  const choose = (index: number): void => {
    const all = options();
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    all[index]?.scrollIntoView({ block: "nearest" });
  };
  const ask = async (): Promise<void> => {
    const mine = ++asked;
    const answer = await fetch(`${field.dataset.find}?q=${encodeURIComponent(field.value)}`).catch(() => undefined);
    if (!answer?.ok || mine !== asked || document.activeElement !== field) return;
    found.innerHTML = await answer.text();
    found.hidden = false;
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 150);
  });
  field.addEventListener("focus", () => void ask());
  field.addEventListener("blur", () => setTimeout(close, 200));
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose((at + (event.key === "ArrowDown" ? 1 : all.length - 1 + Number(at < 0))) % Math.max(1, all.length));
    } else if (event.key === "Enter" && at >= 0 && !found.hidden) {
      event.preventDefault();
      all[at]?.click();
    }
  });
}
