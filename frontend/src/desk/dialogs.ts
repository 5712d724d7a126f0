/** The dialogs of the schedule: what to place, where to trim, what to break in with. Native ones, so Esc leaves them. */
import { word } from "../control/words";
import { type Board, type Clip, clock, day, length, type Part, tickAt } from "./model";

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

function searching(form: HTMLFormElement, select: HTMLSelectElement): void {
  const field = form.elements.namedItem("q") as HTMLInputElement;
  const look = async (): Promise<void> => {
    const asked = field.value;
    const { assets } = await shelf(asked);
    if (asked === field.value) options(select, assets); // an answer that came late is to another question
  };
  field.oninput = () => void look();
  field.onkeydown = (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      select.focus();
    }
  };
  void look();
}

export interface Wanted {
  asset: number;
  name: string;
  start: number;
  hard: boolean;
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
  };
}

export async function askTrim(part: Part): Promise<{ first: number; last: number } | null> {
  let draw: () => void = () => undefined;
  const form = await open("trim", (fields) => {
    const first = fields.elements.namedItem("first") as HTMLInputElement;
    const last = fields.elements.namedItem("last") as HTMLInputElement;
    const steps = Math.ceil(part.whole / 12);
    for (const range of [first, last]) {
      range.min = "0";
      range.max = String(steps);
      range.step = "1";
    }
    first.value = String(Math.round(part.in / 12));
    last.value = String(Math.ceil((part.in + part.ticks) / 12));
    const say = (range: HTMLInputElement): number => Math.min(part.whole, Number(range.value) * 12);
    draw = () => {
      if (Number(first.value) >= Number(last.value)) {
        if (document.activeElement === first) first.value = String(Number(last.value) - 1);
        else last.value = String(Number(first.value) + 1);
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
  const value = (name: string): number => Number((form.elements.namedItem(name) as HTMLInputElement).value) * 12;
  return { first: value("first"), last: Math.min(part.whole, value("last")) };
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
