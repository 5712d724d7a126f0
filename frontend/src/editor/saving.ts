/**
 * Saving as one types. What is not yet with the house is kept in this browser, with the revision it was typed upon;
 * a lost connection, a closed page or a restarted server therefore loses nothing.
 */
import { csrf, word } from "../control/words";

export type Content = Record<string, unknown>;

interface Kept {
  revision: number;
  content: Content;
}

interface Answer {
  revision?: number;
  at?: string;
  said?: string;
  content?: Content;
}

const WAIT_MS = 700;
const AGAIN_MS = 4000;

export class Refused extends Error {}

export class Saving {
  private timer = 0;
  private dirty = false;
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly key: string;

  constructor(
    private readonly address: string,
    private revision: number,
    private readonly read: () => Content,
    private readonly say: (text: string, state: "saved" | "saving" | "kept" | "refused") => void,
    private readonly conflict: (said: string, theirs: Content, revision: number) => void,
  ) {
    this.key = `keshen:${address}`;
    addEventListener("online", () => void this.flush().catch(() => undefined));
    addEventListener("pagehide", () => this.keep());
  }

  /** What this browser kept and the house has not; undefined when there is nothing. */
  kept(): Kept | undefined {
    const text = localStorage.getItem(this.key);
    return text ? (JSON.parse(text) as Kept) : undefined;
  }

  forget(): void {
    localStorage.removeItem(this.key);
  }

  /** Something was typed. */
  touch(): void {
    this.dirty = true;
    this.keep();
    this.say(word("saving"), "saving");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush().catch(() => undefined), WAIT_MS);
  }

  /** Go on upon another revision, after a conflict was settled. */
  upon(revision: number): void {
    this.revision = revision;
    this.stopped = false;
  }

  /** Save now; resolves when the house has everything. Rejects, saying why, when it has not. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!this.dirty) return;
    if (this.stopped) throw new Refused(word("settle"));
    this.running = this.send().finally(() => (this.running = undefined));
    await this.running;
    if (this.dirty) await this.flush();
  }

  private keep(): void {
    if (this.dirty) localStorage.setItem(this.key, JSON.stringify({ revision: this.revision, content: this.read() }));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush().catch(() => undefined), AGAIN_MS);
  }

  private async send(): Promise<void> {
    const content = this.read();
    this.dirty = false;
    let answer: Response;
    try {
      answer = await fetch(this.address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
        body: JSON.stringify({ revision: this.revision, content }),
      });
    } catch {
      return this.notNow(word("kept"));
    }
    const json = answer.headers.get("Content-Type")?.includes("json");
    const said: Answer = json ? ((await answer.json()) as Answer) : {};
    if (answer.ok && said.revision) {
      this.revision = said.revision;
      if (!this.dirty) this.forget();
      else this.keep();
      this.say(word("saved", { time: said.at ?? "" }), "saved");
      return;
    }
    this.dirty = true;
    this.keep();
    if (answer.status === 409 && said.content && said.revision) {
      this.stopped = true;
      this.say(word("conflict"), "refused");
      this.conflict(said.said ?? "", said.content, said.revision);
      throw new Refused(said.said ?? word("conflict"));
    }
    if (answer.status >= 500 || !json) return this.notNow(word("kept"));
    this.say(said.said ?? word("failed", { status: answer.status }), "refused");
    throw new Refused(said.said ?? word("failed", { status: answer.status }));
  }

  private notNow(text: string): never {
    this.dirty = true;
    this.keep();
    this.say(text, "kept");
    this.later();
    throw new Refused(text);
  }
}
