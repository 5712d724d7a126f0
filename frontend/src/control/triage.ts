/** Triage: after a verb on the open item of a list (`data-next` names the list) the next item opens by itself. */
import { select } from "./keys";

export function listenToTriage(): void {
  document.addEventListener("keshen:verb", (event) => {
    const { ok, form } = (event as CustomEvent<{ ok: boolean; form: HTMLFormElement }>).detail;
    const list = ok && form.dataset.next ? document.getElementById(form.dataset.next) : null;
    const row = list?.querySelector<HTMLElement>("[data-selected]");
    if (!row) return;
    const other = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    if (!(other instanceof HTMLElement)) return;
    select(other);
    other.querySelector<HTMLElement>("a.row")?.click();
  });
  // What a key opens is ready to be chosen in at once
  document.addEventListener(
    "toggle",
    (event) => {
      const picker = event.target as HTMLElement;
      if (!picker.matches("details.pick[open]")) return;
      for (const other of document.querySelectorAll("details.pick[open]")) {
        if (other !== picker) other.removeAttribute("open");
      }
      picker.querySelector<HTMLElement>("input:checked, select, input")?.focus();
    },
    true,
  );
}
