/** Dragging with a pointer: boxes move and catch, their edges trim with the picture at the cut, shelf items drop in. */
import { word } from "../control/words";
import { still } from "./dialogs";
import { type Board, clock, end, type Part, SEGMENT, SHORTEST, snap } from "./model";

interface Host {
  rows: HTMLElement;
  board(): Board;
  part(start: number): Part | undefined;
  pick(start: number): void;
  move(part: Part, to: number): void;
  trim(part: Part, first: number, last: number): void;
  insert(asset: number, name: string, start: number): void;
  busy(on: boolean): void;
}

const EDGE_PX = 7;
const CATCH_PX = 9;

function stripAt(x: number, y: number): HTMLElement | null {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>(".strip") ?? null;
}

/** The tick under a pointer; time flows with the script's direction. */
function tickIn(strip: HTMLElement, x: number): { tick: number; per: number } {
  const lane = (strip.querySelector(".lane-parts") as HTMLElement).getBoundingClientRect();
  const from = Number(strip.dataset.from);
  const all = Number(strip.dataset.to) - from;
  const along = document.documentElement.dir === "rtl" ? lane.right - x : x - lane.left;
  return { tick: Math.round(from + (along / lane.width) * all), per: all / lane.width };
}

function ghost(text: string): HTMLElement {
  const made = document.createElement("div");
  made.className = "desk-ghost";
  made.append(document.createElement("img"), document.createElement("b"));
  (made.querySelector("img") as HTMLImageElement).hidden = true;
  (made.querySelector("img") as HTMLImageElement).alt = "";
  document.body.append(made);
  say(made, text);
  return made;
}

function say(box: HTMLElement, text: string, bad = false): void {
  (box.querySelector("b") as HTMLElement).textContent = text;
  box.classList.toggle("bad", bad);
}

function follow(box: HTMLElement, event: PointerEvent): void {
  box.style.setProperty("--x", `${event.clientX}px`);
  box.style.setProperty("--y", `${event.clientY}px`);
}

function carry(
  event: PointerEvent,
  text: string,
  step: (event: PointerEvent, box: HTMLElement) => void,
  drop: () => void,
  host: Host,
): void {
  const box = ghost(text);
  const done = new AbortController();
  host.busy(true);
  let moved = false;
  const finish = (ok: boolean): void => {
    done.abort();
    box.remove();
    host.busy(false);
    if (ok && moved) drop();
  };
  addEventListener(
    "pointermove",
    (at) => {
      if (!moved && Math.hypot(at.clientX - event.clientX, at.clientY - event.clientY) < 4) return;
      moved = true;
      box.classList.add("shown");
      follow(box, at);
      step(at, box);
    },
    { signal: done.signal },
  );
  addEventListener("pointerup", () => finish(true), { signal: done.signal });
  addEventListener("pointercancel", () => finish(false), { signal: done.signal });
  addEventListener("keydown", (key) => key.key === "Escape" && finish(false), { signal: done.signal });
}

function drag(event: PointerEvent, part: Part, host: Host): void {
  const strip = stripAt(event.clientX, event.clientY);
  if (!strip) return;
  const grip = tickIn(strip, event.clientX).tick - part.start;
  let to = part.start;
  carry(
    event,
    part.title,
    (at, box) => {
      const under = stripAt(at.clientX, at.clientY) ?? strip;
      const { tick, per } = tickIn(under, at.clientX);
      to = snap(tick - grip, host.board(), CATCH_PX * per, part);
      const late = to < host.board().frozen;
      say(box, late ? word("frozen_drop", { time: clock(host.board().frozen) }) : `${clock(to)} ${part.title}`, late);
    },
    () => host.move(part, to),
    host,
  );
}

function edge(event: PointerEvent, part: Part, atStart: boolean, host: Host): void {
  const strip = stripAt(event.clientX, event.clientY);
  if (!strip) return;
  let first = part.in;
  let last = part.in + part.ticks;
  carry(
    event,
    part.title,
    (at, box) => {
      const { tick, per } = tickIn(strip, at.clientX);
      // it catches where nothing need be encoded
      const exact = part.in + tick - part.start;
      const near = Math.round(exact / SEGMENT) * SEGMENT;
      const into = Math.abs(near - exact) <= per * EDGE_PX ? near : exact;
      if (atStart) first = Math.max(0, Math.min(into, last - SHORTEST));
      else last = Math.min(part.whole, Math.max(into, first + SHORTEST));
      const image = box.querySelector("img") as HTMLImageElement;
      const address = still(part.asset, atStart ? first : last - 1);
      if (!image.src.endsWith(address)) {
        image.onload = () => (image.hidden = false);
        image.onerror = () => (image.hidden = true);
        image.src = address;
      }
      say(box, `${atStart ? word("in") : word("out")} ${clock(atStart ? part.start : part.start + last - first)}`);
    },
    () => host.trim(part, first, last),
    host,
  );
}

export function letDrag(host: Host, shelf: HTMLElement | null): void {
  host.rows.addEventListener("pointerdown", (event) => {
    const box = (event.target as Element).closest<HTMLElement>(".part");
    const part = box && host.part(Number(box.dataset.start));
    if (!box || !part || event.button !== 0) return;
    host.pick(part.start);
    if (part.fills || part.pending) return;
    const size = box.getBoundingClientRect();
    const rtl = document.documentElement.dir === "rtl";
    const near = (x: number): boolean => size.width > 3 * EDGE_PX && Math.abs(event.clientX - x) < EDGE_PX;
    const open = end(part) > host.board().frozen;
    if (open && near(rtl ? size.left : size.right)) edge(event, part, false, host);
    else if (part.start >= host.board().frozen) {
      if (near(rtl ? size.right : size.left)) edge(event, part, true, host);
      else drag(event, part, host);
    }
  });
  shelf?.addEventListener("pointerdown", (event) => {
    const item = (event.target as Element).closest<HTMLElement>("[data-asset]");
    if (!item || event.button !== 0) return;
    event.preventDefault();
    const name = item.dataset.name ?? "";
    let to: number | null = null;
    carry(
      event,
      name,
      (at, box) => {
        const strip = stripAt(at.clientX, at.clientY);
        to = null;
        if (!strip) return say(box, name);
        const { tick, per } = tickIn(strip, at.clientX);
        to = snap(tick, host.board(), CATCH_PX * per);
        const late = to < host.board().frozen;
        say(box, late ? word("frozen_drop", { time: clock(host.board().frozen) }) : `${clock(to)} ${name}`, late);
      },
      () => {
        if (to !== null) host.insert(Number(item.dataset.asset), name, to);
      },
      host,
    );
  });
}
