/** The text in the derived scripts, fresh after each save; a word chosen there can be written in another way. */
export function wireScripts(root: HTMLElement): void {
  const panel = root.querySelector<HTMLElement>("[data-scripts]");
  if (!panel) return;
  let timer = 0;

  const load = async (): Promise<void> => {
    const address = panel.dataset.scripts;
    if (!address || panel.closest<HTMLDetailsElement>("details")?.open === false) return;
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) panel.innerHTML = await answer.text();
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void load(), 300);
  };

  document.addEventListener("keshen:saved", soon);
  document.addEventListener("keshen:verb", soon);
  panel.closest("details")?.addEventListener("toggle", soon);
  panel.addEventListener("click", (event) => {
    const chosen = (event.target as Element).closest<HTMLElement>("[data-word]");
    const form = chosen?.closest("[data-script]")?.querySelector("form");
    if (!chosen || !form) return;
    (form.elements.namedItem("source") as HTMLInputElement).value = chosen.dataset.word ?? "";
    const field = form.elements.namedItem("replacement") as HTMLInputElement;
    field.value = chosen.textContent ?? "";
    field.focus();
    field.select();
  });
}
