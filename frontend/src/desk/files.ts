/** Import and export. The file stays in this dialog: it is looked at first, and taken in as it was seen. */
import { csrf, word } from "../control/words";
import { type Board, clock, DAY, day, midnight } from "./model";

const root = document.querySelector<HTMLElement>("[data-desk]");

function dialog(name: string): { box: HTMLDialogElement; form: HTMLFormElement } | null {
  const box = document.querySelector<HTMLDialogElement>(`[data-dialog="${name}"]`);
  const form = box?.querySelector("form");
  return box && form ? { box, form } : null;
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

/** Ask for which days and in which format; the browser keeps the file. `at` is the tick the person looks at. */
export function askExport(at: number): void {
  const found = dialog("export");
  if (!found) return;
  const { box, form } = found;
  const first = midnight(at);
  field(form, "from").value = `${day(first)}T${clock(first)}`;
  field(form, "to").value = `${day(first + DAY)}T${clock(first + DAY)}`;
  form.onsubmit = () => box.close();
  const cancel = form.querySelector<HTMLElement>("[data-cancel]");
  if (cancel) cancel.onclick = () => box.close();
  box.showModal();
}

/** Resolves with what was said when a file was taken in, with nothing when it was left. */
export function askImport(board: Board): Promise<{ said: string; warnings: string[] } | null> {
  const found = dialog("import");
  if (!found) return Promise.resolve(null);
  const { box, form } = found;
  const outcome = form.querySelector<HTMLElement>("[data-outcome]") as HTMLElement;
  const take = form.querySelector<HTMLButtonElement>("[data-take]") as HTMLButtonElement;
  const look = form.querySelector<HTMLButtonElement>("[data-look]") as HTMLButtonElement;
  form.reset();
  outcome.replaceChildren();
  take.disabled = true;
  field(form, "at").value = `${day(board.frozen)}T${clock(board.frozen + 180).slice(0, 5)}:00`;
  return new Promise((resolve) => {
    const done = new AbortController();
    let asked = 0;
    let taken: { said: string; warnings: string[] } | null = null;
    const ask = async (verb: string): Promise<void> => {
      const mine = ++asked;
      const data = new FormData(form);
      data.set("verb", verb);
      take.disabled = true;
      look.disabled = verb === "take";
      outcome.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(root?.dataset.import ?? "", {
          method: "POST",
          body: data,
          headers: { "X-CSRFToken": csrf() },
        });
        const text = await answer.text();
        if (mine !== asked) return; // the form was changed meanwhile
        if (!answer.ok && answer.status !== 409) {
          outcome.textContent = word("failed", { status: answer.status });
          return;
        }
        const part = new DOMParser().parseFromString(text, "text/html").body;
        const said = part.querySelector("[data-taken]")?.textContent;
        if (said) {
          taken = { said, warnings: [...part.querySelectorAll("[data-warning]")].map((one) => one.textContent ?? "") };
          box.close();
          return;
        }
        outcome.replaceChildren(...part.childNodes);
        take.disabled = !answer.ok || !outcome.querySelector("tbody tr");
        if (!take.disabled) take.focus();
      } catch {
        if (mine === asked) outcome.textContent = word("offline");
      } finally {
        look.disabled = false;
        outcome.removeAttribute("aria-busy");
      }
    };
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        void ask((event.submitter as HTMLButtonElement | null)?.value ?? "look");
      },
      { signal: done.signal },
    );
    // what was seen is of other choices
    form.addEventListener(
      "change",
      () => {
        asked++;
        take.disabled = true;
        outcome.replaceChildren();
        if (field(form, "file").files?.length) void ask("look");
      },
      { signal: done.signal },
    );
    form.querySelector("[data-cancel]")?.addEventListener("click", () => box.close(), { signal: done.signal });
    box.addEventListener(
      "close",
      () => {
        done.abort();
        asked++;
        resolve(taken);
      },
      { once: true },
    );
    box.showModal();
  });
}
