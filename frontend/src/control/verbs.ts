/** Verbs: forms with `data-verb`. Those that cannot be taken back ask for a reason first; answers are said in a toast. */
import { csrf, word } from "./words";

const SAID = "keshen:said";

const KEPT = 3;

/** Say what happened. What went wrong stays until it is closed, or until newer things went wrong: whoever looked away
 * has still to learn of it. */
export function toast(text: string, bad = false): void {
  const toasts = document.getElementById("toasts") as HTMLElement;
  const box = document.createElement("p");
  box.className = bad ? "toast bad" : "toast";
  box.append(text);
  if (!bad) {
    toasts.append(box);
    setTimeout(() => box.remove(), 5000);
    return;
  }
  const close = document.createElement("button");
  close.className = "quiet";
  close.ariaLabel = word("close");
  close.addEventListener("click", () => box.remove());
  close.append("×");
  box.append(close);
  const before = [...toasts.querySelectorAll(".bad")];
  const same = before.filter((one) => one.firstChild?.textContent === text);
  for (const one of [...same, ...before.slice(0, 1 - KEPT)]) one.remove();
  toasts.append(box);
}

/** Close the newest notice of something that went wrong. */
export function closeToast(): void {
  [...document.querySelectorAll("#toasts .bad")].at(-1)?.remove();
}

/** Ask for a reason, and what `ask` asks besides; null when the person leaves things as they are. */
export function askReason(title: string, consequence: string, ask?: HTMLFieldSetElement): Promise<FormData | null> {
  const dialog = document.getElementById("reason") as HTMLDialogElement;
  const form = dialog.querySelector("form") as HTMLFormElement;
  const field = form.elements.namedItem("reason") as HTMLTextAreaElement;
  (dialog.querySelector("[data-reason-title]") as HTMLElement).textContent = title;
  (dialog.querySelector("[data-reason-consequence]") as HTMLElement).textContent = consequence;
  (dialog.querySelector("[data-reason-go]") as HTMLElement).textContent = title;
  field.value = "";
  const asked = ask?.cloneNode(true) as HTMLFieldSetElement | undefined;
  if (asked) asked.hidden = asked.disabled = false;
  (dialog.querySelector("[data-reason-ask]") as HTMLElement).replaceChildren(...(asked ? [asked] : []));
  return new Promise((resolve) => {
    let answers: FormData | null = null;
    const submit = (): void => {
      if (field.value.trim()) answers = new FormData(form);
    };
    const cancel = dialog.querySelector("[data-reason-cancel]") as HTMLButtonElement;
    const leave = (): void => dialog.close();
    form.addEventListener("submit", submit, { once: true });
    cancel.addEventListener("click", leave, { once: true });
    dialog.addEventListener(
      "close",
      () => {
        form.removeEventListener("submit", submit);
        cancel.removeEventListener("click", leave);
        resolve(answers);
      },
      { once: true },
    );
    dialog.showModal();
    field.focus();
  });
}

/** Post a form's verb. The answer is JSON: `said` for the toast, `to` when another screen follows. */
async function give(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const data = new FormData(form, submitter);
  if (form.dataset.reason !== undefined) {
    const ask = form.querySelector<HTMLFieldSetElement>("[data-ask]") ?? undefined;
    const answers = await askReason(form.dataset.label ?? "", form.dataset.consequence ?? "", ask);
    if (answers === null) return;
    for (const [name, value] of answers) data.set(name, value);
  }
  const ready = new CustomEvent<{ wait: Promise<unknown>[] }>("keshen:before-verb", { detail: { wait: [] } });
  document.dispatchEvent(ready);
  try {
    await Promise.all(ready.detail.wait);
  } catch (problem) {
    return toast(String(problem instanceof Error ? problem.message : problem), true);
  }
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-CSRFToken": csrf() } });
    const said = answer.headers.get("Content-Type")?.includes("json")
      ? ((await answer.json()) as { said?: string; to?: string })
      : { said: word("failed", { status: answer.status }) };
    if (answer.ok && said.to) {
      if (said.said) sessionStorage.setItem(SAID, said.said);
      return location.assign(said.to);
    }
    if (said.said) toast(said.said, !answer.ok);
    document.dispatchEvent(new CustomEvent("keshen:verb", { detail: { ok: answer.ok, form } }));
  } catch {
    toast(word("offline"), true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

export function listenToVerbs(): void {
  const before = sessionStorage.getItem(SAID);
  if (before) toast(before);
  sessionStorage.removeItem(SAID);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-verb]")) return;
    event.preventDefault();
    void give(form, event.submitter);
  });
}
