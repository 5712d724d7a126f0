/**
 * Edits on their way. Each is kept in this browser until the house answered: one that was refused stays to be tried
 * again, one that found no connection is sent when it is back, in order.
 */
import { csrf, word } from "../control/words";

export interface Edit {
  verb: string;
  given: Record<string, unknown>;
  name: string;
}

export interface Answer {
  said: string;
  start: number;
  end: number;
  warnings: string[];
}

interface Listener {
  /** The next edit is sent when this is settled. */
  done(edit: Edit, answer: Answer): Promise<void>;
  refused(edit: Edit, said: string): void;
  waiting(edits: Edit[]): void;
}

const root = document.querySelector<HTMLElement>("[data-desk]");
const KEY = `keshen:desk:${root?.dataset.serviceDesk ?? ""}`;
const AGAIN_MS = 3000;
let queue: Edit[] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as Edit[];
let busy = false;
let listener: Listener;

function keep(): void {
  sessionStorage.setItem(KEY, JSON.stringify(queue));
}

async function pump(): Promise<void> {
  if (busy) return;
  busy = true;
  while (queue.length) {
    const edit = queue[0] as Edit;
    let answer: Response;
    try {
      answer = await fetch((root?.dataset.do ?? "").replace("VERB", edit.verb), {
        method: "POST",
        headers: { "X-CSRFToken": csrf(), "Content-Type": "application/json" },
        body: JSON.stringify(edit.given),
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
    } catch {
      listener.waiting(queue);
      setTimeout(() => void pump(), AGAIN_MS);
      break;
    }
    queue = queue.slice(1);
    keep();
    if (answer.status === 403) {
      location.reload();
      break;
    }
    const said = (await answer.json().catch(() => ({ said: word("failed", { status: answer.status }) }))) as Answer;
    if (answer.ok) await listener.done(edit, said);
    else listener.refused(edit, said.said);
    listener.waiting(queue);
  }
  busy = false;
}

export function send(edit: Edit): void {
  queue = [...queue, edit];
  keep();
  void pump();
}

export function startSending(given: Listener): void {
  listener = given;
  addEventListener("online", () => void pump());
  if (queue.length) {
    listener.waiting(queue);
    void pump();
  }
}
