import { word } from "../control/words";

/** The schedule as the server tells it: everything in ticks of 320 ms since the Unix epoch. */
export interface Part {
  start: number;
  ticks: number;
  asset: number;
  in: number;
  whole: number;
  kind: string;
  title: string;
  programme: string;
  state: "laid" | "planned";
  placed: boolean;
  hard: boolean;
  group: number;
  fills: boolean;
  reason: string;
  story: string;
  entry: number;
  marks: Mark[];
  waits: boolean;
  pending?: boolean;
}

/** Something drawn over an entry, by ticks from its start. */
export interface Mark {
  kind: string;
  text: string;
  second: string;
  first: number;
  last: number;
}

export interface Block {
  start: number;
  end: number;
  title: string;
}

export interface Board {
  service: string;
  now: number;
  frozen: number;
  laid_until: number;
  planned_until: number;
  parts: Part[];
  format: Block[];
  empty: boolean;
  logo: Record<string, string | number>;
  break_in: { start: number; until: number; resume: boolean } | null;
}

export interface Clip {
  asset: number;
  title: string;
  ticks: number;
  role: string;
}

export const DAY = (24 * 3600 * 1000) / 320;
/** A segment, and the least an entry lasts, in ticks. */
export const SEGMENT = 12;
export const SHORTEST = 3;
export const SPANS = [15, 60, 180, 720, 1440].map((minutes) => (minutes * 60_000) / 320);
const root = document.querySelector<HTMLElement>("[data-desk]");
export const TICK_MS = Number(root?.dataset.tick ?? 320);
const ZONE_TICKS = (Number(root?.dataset.zone ?? 0) * 1000) / TICK_MS;

let shift = 0;

/** The server's clock is the clock: told with every answer. */
export function setClock(now: number): void {
  const local = Date.now() / TICK_MS;
  if (Math.abs(local + shift - now) > 4) shift = now - local;
}

export function now(): number {
  return Math.floor(Date.now() / TICK_MS + shift);
}

/** The tick at which the house's local day began that holds `tick`. */
export function midnight(tick: number): number {
  return Math.floor((tick + ZONE_TICKS) / DAY) * DAY - ZONE_TICKS;
}

function local(tick: number): Date {
  return new Date((tick + ZONE_TICKS) * TICK_MS);
}

/** The house's time of day to the second. */
export function clock(tick: number): string {
  return local(tick).toISOString().slice(11, 19);
}

export function day(tick: number): string {
  return local(tick).toISOString().slice(0, 10);
}

/** The day by the house's own names: browsers know no Kazakh ones. */
export function dayName(tick: number): string {
  const at = local(tick);
  const name = word("days").split("|")[(at.getUTCDay() + 6) % 7] ?? "";
  return `${name} ${at.toISOString().slice(8, 10)}.${at.toISOString().slice(5, 7)}`;
}

/** The tick nearest to a local date and time. */
export function tickAt(date: string, time: string): number {
  const full = time.length === 5 ? `${time}:00` : time;
  return Math.round(Date.parse(`${date}T${full}Z`) / TICK_MS - ZONE_TICKS);
}

export function length(ticks: number): string {
  const all = Math.round((ticks * TICK_MS) / 100) / 10;
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  const seconds = (all % 60).toFixed(all < 60 ? 1 : 0).padStart(all < 60 ? 1 : 2, "0");
  if (hours) return `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`;
  return all < 60 ? word("seconds", { n: seconds }) : `${minutes}:${seconds}`;
}

export function end(part: { start: number; ticks: number }): number {
  return part.start + part.ticks;
}

/** What a part is now, in one word of `words`. */
export function stateOf(part: Part, board: Board): "aired" | "on" | "next" | "frozen" | "ready" | "planned" {
  const at = now();
  if (end(part) <= at) return "aired";
  if (part.start <= at) return "on";
  const following = board.parts.find((one) => one.start > at);
  if (following === part) return "next";
  if (part.state === "laid" && part.start < board.frozen) return "frozen";
  return part.state === "laid" ? "ready" : "planned";
}

export const MARKS = { aired: "·", on: "●", next: "◆", frozen: "▨", ready: "✓", planned: "○" } as const;

/** The places a line catches on: where others begin and end, blocks, whole minutes, the freeze. */
export function snap(tick: number, board: Board, reach: number, besides?: Part): number {
  const edges = board.parts.filter((one) => one !== besides).flatMap((one) => [one.start, end(one)]);
  const minute = Math.round(((tick + ZONE_TICKS) * TICK_MS) / 60_000) * (60_000 / TICK_MS) - ZONE_TICKS;
  const places = [...edges, ...board.format.map((block) => block.start), Math.round(minute), board.frozen];
  let best = tick;
  let away = reach;
  for (const place of places) {
    if (Math.abs(place - tick) < away) {
      away = Math.abs(place - tick);
      best = place;
    }
  }
  return best;
}
