/** Drawing the timeline and the list. Boxes are kept by where they begin, so that focus and aim survive a change. */
import { word } from "../control/words";
import { type Board, clock, dayName, end, length, MARKS, now, type Part, stateOf } from "./model";

export interface Row {
  start: number;
  end: number;
}

export interface View {
  rows: Row[];
  board: Board;
  chosen: number;
  week: boolean;
}

const root = document.querySelector<HTMLElement>("[data-desk]");

function put(box: HTMLElement, start: number, until: number, row: Row): void {
  const all = row.end - row.start;
  const from = Math.max(start, row.start);
  const to = Math.min(until, row.end);
  box.style.setProperty("--at", `${((from - row.start) / all) * 100}%`);
  box.style.setProperty("--long", `${(Math.max(0, to - from) / all) * 100}%`);
}

function tag(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Shown, and not read out: the hidden words of its box say more. */
function hidden(element: HTMLElement): HTMLElement {
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** Everything a person needs to know of a part, for the screen reader and the tooltip. */
export function described(part: Part, board: Board): string {
  const state = stateOf(part, board);
  const words = [
    part.title || part.programme,
    word("length", { length: length(part.ticks), start: clock(part.start), end: clock(end(part)) }),
    word(state),
    part.hard ? word("hard") : "",
    part.placed && !part.group ? word("placed") : "",
    part.group ? word("break") : "",
    part.fills ? word("fills") : "",
    part.pending ? word("pending") : "",
    part.reason,
  ];
  return words.filter(Boolean).join(", ");
}

function box(part: Part, view: View, row: Row, wide: number): HTMLElement {
  const state = stateOf(part, view.board);
  const made = document.createElement("button");
  made.type = "button";
  made.className = `part ${state}${part.fills ? " fills" : ""}${part.placed ? " placed" : ""}`;
  made.classList.toggle("hard", part.hard);
  made.classList.toggle("pending", Boolean(part.pending));
  made.classList.toggle("break", part.group > 0);
  made.classList.toggle("news", part.kind === "bulletin-item" || part.kind === "ident");
  made.dataset.start = String(part.start);
  made.tabIndex = part.start === view.chosen ? 0 : -1;
  const all = tag("span", "visually-hidden", described(part, view.board));
  made.append(all);
  made.title = described(part, view.board);
  if (part.start === view.chosen) made.setAttribute("aria-current", "true");
  put(made, part.start, end(part), row);
  const px = (part.ticks / (row.end - row.start)) * wide;
  if (px > 26) {
    made.append(hidden(tag("b", "", part.title || part.programme)));
    if (px > 64 && !view.week) made.append(hidden(tag("span", "", `${MARKS[state]} ${clock(part.start)}`)));
  }
  if (part.hard) made.append(hidden(tag("i", "pin", "⚲")));
  return made;
}

function ruler(row: Row, wide: number): HTMLElement {
  const made = tag("div", "ruler");
  made.setAttribute("aria-hidden", "true");
  const minutes = ((row.end - row.start) * 320) / 60_000;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360].find((each) => minutes / each <= wide / 62) ?? 360;
  const ticks = (step * 60_000) / 320;
  const zone = (Number(root?.dataset.zone ?? 0) * 1000) / 320;
  for (let at = Math.ceil((row.start + zone) / ticks) * ticks - zone; at < row.end; at += ticks) {
    const mark = tag("span", "", clock(Math.round(at)).slice(0, 5));
    put(mark, at, at, row);
    made.append(mark);
  }
  return made;
}

/** One row of time: the format above, what stands on it below. */
function strip(row: Row, view: View, wide: number): HTMLElement {
  const made = tag("div", "strip");
  made.dataset.from = String(row.start);
  made.dataset.to = String(row.end);
  if (view.week) made.append(tag("h3", "", dayName(row.start + 10)));
  const lane = tag("div", "lane-parts");
  for (const block of view.board.format) {
    if (block.end <= row.start || block.start >= row.end) continue;
    const band = tag("span", "format", block.title);
    put(band, block.start, block.end, row);
    lane.append(band);
  }
  const all = row.end - row.start;
  let band: { start: number; end: number; title: string } | undefined;
  const bands: NonNullable<typeof band>[] = [];
  for (const part of view.board.parts) {
    if (end(part) <= row.start || part.start >= row.end) continue;
    // In a week only what a person placed, and what is long enough to be aimed at
    if (view.week && !part.placed && part.ticks / all < 0.004) continue;
    if (part.programme && part.programme !== part.title) {
      if (band?.title === part.programme && band.end === part.start) band.end = end(part);
      else bands.push((band = { start: part.start, end: end(part), title: part.programme }));
    }
    lane.append(box(part, view, row, wide));
  }
  if (!view.week) {
    for (const each of bands) {
      const shown = tag("span", "programme", each.title);
      put(shown, each.start, each.end, row);
      lane.append(shown);
    }
  }
  const frozen = tag("div", "frozen-part");
  frozen.title = word("frozen");
  const line = tag("div", "now-part");
  lane.append(frozen, line);
  made.append(lane);
  return made;
}

export function drawRows(place: HTMLElement, view: View): void {
  const focused = place.contains(document.activeElement);
  const wide = place.clientWidth || 1000;
  place.classList.toggle("week", view.week);
  const first = view.rows[0] as Row;
  place.replaceChildren(ruler(first, wide), ...view.rows.map((row) => strip(row, view, wide)));
  drawNow(place, view.board);
  if (focused) chosenBox(place)?.focus({ preventScroll: true });
}

export function chosenBox(place: HTMLElement): HTMLElement | null {
  return place.querySelector<HTMLElement>(".part[aria-current]");
}

/** What moves with the clock: the red line, what is frozen. */
export function drawNow(place: HTMLElement, board: Board): void {
  const at = now();
  const frozen = Math.max(board.frozen, at + 36);
  for (const strip of place.querySelectorAll<HTMLElement>(".strip")) {
    const row = { start: Number(strip.dataset.from), end: Number(strip.dataset.to) };
    const line = strip.querySelector<HTMLElement>(".now-part");
    const hatch = strip.querySelector<HTMLElement>(".frozen-part");
    if (!line || !hatch) continue;
    const here = at >= row.start && at < row.end;
    line.hidden = !here;
    if (here) put(line, at, at, row);
    hatch.hidden = frozen <= row.start || at >= row.end;
    if (!hatch.hidden) put(hatch, Math.max(at, row.start), Math.min(frozen, row.end), row);
  }
}



export function drawList(body: HTMLElement, view: View): void {
  const first = view.rows[0] as Row;
  const last = view.rows[view.rows.length - 1] as Row;
  const seen = view.board.parts.filter(
    (part) => end(part) > first.start && part.start < last.end && (!view.week || part.placed),
  );
  const rows = seen.slice(0, 400).map((part) => {
    const state = stateOf(part, view.board);
    const row = document.createElement("tr");
    row.id = `part-${part.start}`;
    row.dataset.start = String(part.start);
    row.className = `${part.fills ? "fills" : ""}`;
    if (part.start === view.chosen) {
      row.setAttribute("aria-current", "true");
    }
    const when = document.createElement("td");
    when.append(tag("time", "", `${view.week ? `${dayName(part.start)} ` : ""}${clock(part.start)}`));
    const what = document.createElement("td");
    what.append(tag("b", "", part.title || part.programme));
    if (part.reason) what.append(tag("small", "muted", ` ${part.reason}`));
    const said = document.createElement("td");
    const classes = { aired: "", on: "on-air", next: "next", frozen: "next", ready: "done", planned: "" };
    said.append(tag("i", `state ${classes[state]}`, MARKS[state]), ` ${word(state)}`);
    if (part.hard) said.append(` · ⚲ ${word("hard")}`);
    if (part.group) said.append(` · ${word("break")}`);
    else if (part.placed) said.append(` · ${word("placed")}`);
    if (part.pending) said.append(` · ↻ ${word("pending")}`);
    const long = document.createElement("td");
    long.textContent = length(part.ticks);
    row.append(when, long, what, said);
    return row;
  });
  if (!rows.length) {
    const row = document.createElement("tr");
    const cell = document.createElement("td");
    cell.colSpan = 4;
    cell.textContent = word(view.week ? "empty_day" : "nothing");
    row.append(cell);
    rows.push(row);
  }
  body.replaceChildren(...rows);
}
