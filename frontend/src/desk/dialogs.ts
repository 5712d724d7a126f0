/** The dialogs of the schedule: what to place, where to trim, what to break in with. Native ones, so Esc leaves them. */
import { word } from "../control/words";
import { type Board, type Clip, clock, day, length, type Part, SEGMENT, SHORTEST, TICK_MS, tickAt } from "./model";

const root = document.querySelector<HTMLElement>("[data-desk]");

export async function shelf(asked: string): Promise<{ assets: Clip[]; more: number }> {
  const answer = await fetch(`${root?.dataset.shelf ?? ""}?q=${encodeURIComponent(asked)}`);
  if (!answer.ok) return { assets: [], more: 0 };
  return (await answer.json()) as { assets: Clip[]; more: number };
}

export function still(asset: number, tick: number): string {
  return (root?.dataset.still ?? "").replace("/0/0.jpg", `/${asset}/${Math.max(0, tick)}.jpg`);
}

function open(name: string, fill: (form: HTMLFormElement) => void): Promise<HTMLFormElement | null> {
  const dialog = document.querySelector<HTMLDialogElement>(`[data-dialog="${name}"]`);
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return Promise.resolve(null);
  form.reset();
  fill(form);
  return new Promise((resolve) => {
    const done = new AbortController();
    let sent = false;
    form.addEventListener("submit", () => (sent = true), { signal: done.signal });
    dialog
      .querySelector("[data-cancel]")
      ?.addEventListener("click", () => dialog.close(), { signal: done.signal });
    // Enter in a list submits, as it does in a field
    form.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Enter" && (event.target as Element).matches("select")) {
          event.preventDefault();
          form.requestSubmit();
        }
      },
      { signal: done.signal },
    );
    dialog.addEventListener(
      "close",
      () => {
        done.abort();
        resolve(sent ? form : null);
      },
      { once: true },
    );
    dialog.showModal();
  });
}

function options(select: HTMLSelectElement, clips: Clip[]): void {
  select.replaceChildren(
    ...clips.map((clip) => new Option(`${clip.title} · ${length(clip.ticks)} · ${clip.role}`, String(clip.asset))),
  );
  if (select.options[0]) select.selectedIndex = 0;
}

/** Enter is for what was asked for: while the answer is on its way, it waits for it. */
function searching(form: HTMLFormElement, select: HTMLSelectElement): void {
  const field = form.elements.namedItem("q") as HTMLInputElement;
  let answered = false;
  let wanted = false;
  const look = async (): Promise<void> => {
    const asked = field.value;
    answered = false;
    const { assets } = await shelf(asked);
    if (asked !== field.value) return; // an answer that came late is to another question
    options(select, assets);
    answered = true;
    if (wanted) form.requestSubmit();
    wanted = false;
  };
  field.oninput = () => {
    wanted = false;
    void look();
  };
  field.onkeydown = (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      select.focus();
    } else if (event.key === "Enter" && !answered) {
      event.preventDefault();
      wanted = true;
    }
  };
  select.replaceChildren();
  void look();
}

export interface Wanted {
  asset: number;
  name: string;
  start: number;
  hard: boolean;
  /** Nobody chose the time: it is the one that was offered. */
  offered: boolean;
}

export async function askInsert(start: number): Promise<Wanted | null> {
  const form = await open("insert", (fields) => {
    searching(fields, fields.elements.namedItem("asset") as HTMLSelectElement);
    (fields.elements.namedItem("date") as HTMLInputElement).value = day(start);
    (fields.elements.namedItem("time") as HTMLInputElement).value = clock(start);
  });
  if (!form) return null;
  const data = new FormData(form);
  const select = form.elements.namedItem("asset") as HTMLSelectElement;
  const time = String(data.get("time"));
  const asked = tickAt(String(data.get("date")), time);
  return {
    asset: Number(data.get("asset")),
    name: select.selectedOptions[0]?.text.split(" · ")[0] ?? "",
    start: clock(start) === time ? start : asked,
    hard: data.has("hard"),
    offered: clock(start) === time,
  };
}

export async function askTrim(part: Part): Promise<{ first: number; last: number } | null> {
  let draw: () => void = () => undefined;
  const form = await open("trim", (fields) => {
    const first = fields.elements.namedItem("first") as HTMLInputElement;
    const last = fields.elements.namedItem("last") as HTMLInputElement;
    for (const range of [first, last]) {
      range.min = "0";
      range.max = String(part.whole);
      range.step = "1";
      // Page Up and Page Down go by a segment, arrows by a tick
      range.onkeydown = (event) => {
        const by = event.key === "PageUp" ? SEGMENT : event.key === "PageDown" ? -SEGMENT : 0;
        if (!by) return;
        event.preventDefault();
        range.value = String(Number(range.value) + by);
        draw();
      };
    }
    first.value = String(part.in);
    last.value = String(part.in + part.ticks);
    const say = (range: HTMLInputElement): number => Number(range.value);
    draw = () => {
      if (say(last) - say(first) < SHORTEST) {
        if (document.activeElement === first) first.value = String(Math.max(0, say(last) - SHORTEST));
        else last.value = String(Math.min(part.whole, say(first) + SHORTEST));
      }
      const text = (name: string, value: string): void => {
        const place = fields.querySelector(`[${name}]`);
        if (place) place.textContent = value;
      };
      text("data-out-first", length(say(first)));
      text("data-out-last", length(say(last)));
      text(
        "data-length",
        word("length", {
          length: length(say(last) - say(first)),
          start: clock(part.start),
          end: clock(part.start + say(last) - say(first)),
        }),
      );
      for (const range of [first, last]) range.setAttribute("aria-valuetext", length(say(range)));
      const picture = (name: string, tick: number): void => {
        const image = fields.querySelector<HTMLImageElement>(`[${name}]`);
        if (!image) return;
        image.onerror = () => (image.hidden = true);
        image.onload = () => (image.hidden = false);
        image.src = still(part.asset, tick);
      };
      picture("data-still-in", say(first));
      picture("data-still-out", say(last) - 1);
    };
    first.oninput = last.oninput = () => draw();
    draw();
  });
  if (!form) return null;
  const value = (name: string): number => Number((form.elements.namedItem(name) as HTMLInputElement).value);
  return { first: value("first"), last: Math.min(part.whole, value("last")) };
}

type Row = Record<string, string | number>;

/** The marks of an entry as the form shows them, one of each kind; more of a kind, placed by a program, are kept. */
export async function askMarks(part: Part): Promise<{ marks: Row[] } | null> {
  const kinds = ["logo", "age", "repeat", "lower-third", "sponsor"];
  const held = new Map(kinds.map((kind) => [kind, part.marks.find((mark) => mark.kind === kind)]));
  const others = part.marks.filter((mark) => held.get(String(mark.kind)) !== mark);
  const seconds = (ticks: number): string => String(Math.round((ticks * TICK_MS) / 10) / 100);
  const field = (form: HTMLFormElement, name: string): HTMLInputElement =>
    form.elements.namedItem(name) as HTMLInputElement;
  const form = await open("marks", (fields) => {
    for (const kind of kinds) {
      const mark = held.get(kind);
      field(fields, `${kind}-on`).checked = mark !== undefined;
      if (!mark) continue;
      for (const name of ["text", "second"] as const) {
        const input = field(fields, `${kind}-${name}`);
        if (input) input.value = String(mark[name]);
      }
      const whole = mark.first === 0 && mark.last >= part.ticks;
      const from = field(fields, `${kind}-from`);
      if (from && !whole) {
        from.value = seconds(mark.first);
        field(fields, `${kind}-until`).value = seconds(Math.min(mark.last, part.ticks));
      }
    }
    // writing something into a mark switches it on
    fields.oninput = (event) => {
      const on = (event.target as HTMLInputElement).name.replace(/-(text|second|from|until)$/, "-on");
      const box = field(fields, on);
      if (box && box !== event.target) box.checked = true;
    };
  });
  if (!form) return null;
  const data = new FormData(form);
  const marks: Row[] = others.map((mark) => ({
    kind: mark.kind, text: mark.text, second: mark.second, first: mark.first, last: mark.last,
  }));
  for (const kind of kinds) {
    if (!data.has(`${kind}-on`)) continue;
    const row: Row = { kind };
    for (const name of ["text", "second"]) {
      const text = String(data.get(`${kind}-${name}`) ?? "").trim();
      if (text) row[name] = text;
    }
    const from = String(data.get(`${kind}-from`) ?? "");
    const until = String(data.get(`${kind}-until`) ?? "");
    if (from) row.first = Math.round((Number(from) * 1000) / TICK_MS);
    if (until) row.last = Math.round((Number(until) * 1000) / TICK_MS);
    marks.push(row);
  }
  return { marks };
}

export async function askLogo(board: Board): Promise<Row | null> {
  const form = await open("logo", (fields) => {
    for (const [name, value] of Object.entries(board.logo)) {
      const field = fields.elements.namedItem(name) as HTMLInputElement | null;
      if (field) field.value = String(value);
    }
  });
  if (!form) return null;
  const data = new FormData(form);
  return {
    text: String(data.get("text")),
    corner: String(data.get("corner")),
    size: Number(data.get("size")),
    opacity: Number(data.get("opacity")),
    burn: String(data.get("burn")),
  };
}

export interface BreakIn {
  given: { assets: number[]; news: boolean; resume: boolean; reason: string };
  name: string;
}

export async function askBreakIn(board: Board, news: string): Promise<BreakIn | null> {
  let timer = 0;
  const form = await open("break-in", (fields) => {
    const select = fields.elements.namedItem("what") as HTMLSelectElement;
    void shelf("").then(({ assets }) => {
      options(select, assets);
      select.prepend(new Option(news, "news"));
      select.selectedIndex = 0;
    });
    const say = (): void => {
      const place = fields.querySelector("[data-cut]");
      const at = Math.max(board.frozen, Math.floor(Date.now() / 320) + 36);
      if (place) place.textContent = word("cut_at", { time: clock(at) });
    };
    say();
    timer = window.setInterval(say, 1000);
  });
  clearInterval(timer);
  if (!form) return null;
  const data = new FormData(form);
  const what = String(data.get("what"));
  const select = form.elements.namedItem("what") as HTMLSelectElement;
  return {
    given: {
      assets: what === "news" ? [] : [Number(what)],
      news: what === "news",
      resume: data.get("after") === "resume",
      reason: String(data.get("reason") ?? ""),
    },
    name: select.selectedOptions[0]?.text ?? "",
  };
}
