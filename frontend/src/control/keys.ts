/** The keyboard: lists, tabs, verbs, places. Nothing here acts while somebody types. */
import { closeToast } from "./verbs";

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return Boolean(element?.closest?.("input, textarea, select, [contenteditable=true]"));
}

function visible(element: HTMLElement): boolean {
  return element.offsetParent !== null || element.getClientRects().length > 0;
}

function list(): HTMLElement | undefined {
  return Array.from(document.querySelectorAll<HTMLElement>("[data-list]")).find(visible);
}

export function select(row: HTMLElement): void {
  for (const other of document.querySelectorAll("[data-selected]")) other.removeAttribute("data-selected");
  row.setAttribute("data-selected", "");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector<HTMLElement>("a.row, a")?.focus({ preventScroll: true });
}

function move(step: number): void {
  const root = list();
  if (!root) return;
  const rows = Array.from(root.querySelectorAll<HTMLElement>("[data-row]"));
  const at = rows.findIndex((row) => row.hasAttribute("data-selected"));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
  if (next) select(next);
}

function sheet(): void {
  const dialog = document.getElementById("keys") as HTMLDialogElement | null;
  const verbs = dialog?.querySelector("[data-verb-keys]");
  if (!dialog || !verbs) return;
  verbs.replaceChildren(
    ...Array.from(document.querySelectorAll<HTMLElement>("[data-key]"))
      .filter(visible)
      .flatMap((element) => {
        const term = document.createElement("dt");
        const key = document.createElement("kbd");
        key.textContent = element.dataset.key ?? "";
        term.append(key);
        const name = document.createElement("dd");
        name.textContent = element.dataset.label ?? element.textContent?.trim() ?? "";
        return [term, name];
      }),
  );
  dialog.showModal();
}

function press(key: string): boolean {
  const target = Array.from(document.querySelectorAll<HTMLElement>("[data-key]")).find(
    (element) => element.dataset.key === key && visible(element) && !(element as HTMLButtonElement).disabled,
  );
  target?.click();
  return Boolean(target);
}

/** After g the next key names a place, however long that takes (WCAG 2.2, 2.2.1); Escape or a click takes it back. */
let goes = false;

function act(event: KeyboardEvent): boolean {
  if (goes) {
    if (event.key === "Shift") return false;
    goes = false;
    const place = document.querySelector<HTMLElement>(`[data-go="${CSS.escape(event.key)}"]`);
    place?.click();
    return Boolean(place);
  }
  switch (event.key) {
    case "g":
      goes = true;
      return true;
    case "j":
    case "ArrowDown":
      if (event.key === "ArrowDown" && !document.activeElement?.closest("[data-list]")) return false;
      move(1);
      return true;
    case "k":
    case "ArrowUp":
      if (event.key === "ArrowUp" && !document.activeElement?.closest("[data-list]")) return false;
      move(-1);
      return true;
    case "Enter": {
      const row = document.querySelector<HTMLElement>("[data-selected] a");
      if (!row || document.activeElement?.closest("button, a, summary")) return false;
      row.click();
      return true;
    }
    case "/":
      document.getElementById("find")?.focus();
      return true;
    case "?":
      sheet();
      return true;
  }
  if (/^[1-9]$/.test(event.key)) {
    const tab = document.querySelectorAll<HTMLElement>("[data-tab]")[Number(event.key) - 1];
    tab?.click();
    return Boolean(tab);
  }
  return press(event.key);
}

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") {
      goes = false;
      const open = document.querySelector("details.me[open]");
      open?.removeAttribute("open");
      closeToast();
      if (typing(event.target)) (event.target as HTMLElement).blur();
      return;
    }
    // A verb can also be given from inside a field, with Alt held: Alt+p publishes while one writes
    if (event.altKey && !event.ctrlKey && !event.metaKey && event.code.startsWith("Key")) {
      const letter = event.code.slice(3);
      if (press(event.shiftKey ? letter : letter.toLowerCase())) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    goes = false;
    if (target.closest("[data-help]")) sheet();
    const menu = target.closest<HTMLElement>("[data-menu]");
    const rail = document.getElementById("rail");
    if (menu && rail) menu.setAttribute("aria-expanded", String(rail.classList.toggle("open")));
    else if (!target.closest("#rail")) rail?.classList.remove("open");
    const me = document.querySelector("details.me[open]");
    if (me && !me.contains(target)) me.removeAttribute("open");
    const row = target.closest<HTMLElement>("[data-list] [data-row]");
    if (row) {
      for (const other of document.querySelectorAll("[data-selected]")) other.removeAttribute("data-selected");
      row.setAttribute("data-selected", "");
    }
  });
}
