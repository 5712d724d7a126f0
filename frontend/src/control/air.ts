import { word } from "./words";

/** The air, always there: pictures, what is on, the time left, what follows. One request for all services. */
interface Part {
  title: string;
  start: number;
  end: number;
}

interface Air {
  now: Part | null;
  next: Part | null;
  alarms?: string[];
  programme: string;
}

const FETCH_MS = 10_000;
const PICTURE_MS = 10_000;
const KEPT = "keshen:on-air";
let services: Record<string, Air> = {};
let shift = 0;

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function write(card: HTMLElement, selector: string, text: string): void {
  const place = card.querySelector<HTMLElement>(selector);
  if (place && place.textContent !== text) place.textContent = text;
}

/** Alarms by mark and word; what is well says so too, so that silence of the screen means nothing else. */
function alarm(card: HTMLElement, alarms: string[]): void {
  card.toggleAttribute("data-alarm", alarms.length > 0);
  write(card, "[data-alarms]", alarms.length ? `! ${alarms.map((each) => word(each)).join(", ")}` : `✓ ${word("none")}`);
}

/** Nothing is on, as the house has said: before it answers, the card says nothing. */
function empty(card: HTMLElement): void {
  write(card, "[data-now]", card.querySelector<HTMLElement>("[data-now]")?.dataset.empty ?? "–");
  write(card, "[data-next]", "–");
  write(card, "[data-left]", "–:––");
}

/** What the page before knew, so that the strip is there at once: titles of the same language, and young. */
function recall(): void {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  const said = JSON.parse(kept) as { lang: string; at: number; shift: number; services: Record<string, Air> };
  if (said.lang !== document.documentElement.lang || Date.now() - said.at > FETCH_MS * 3) return;
  ({ services, shift } = said);
}

function draw(): boolean {
  const now = Date.now() / 1000 + shift;
  let over = false;
  for (const card of document.querySelectorAll<HTMLElement>("[data-service]")) {
    if (card.dataset.accent) card.style.setProperty("--service", card.dataset.accent);
    const air = services[card.dataset.service ?? ""];
    card.toggleAttribute("data-playing", Boolean(air?.now));
    if (air?.alarms) alarm(card, air.alarms);
    if (!air) continue;
    if (!air.now) {
      empty(card);
      continue;
    }
    write(card, "[data-now]", air.now.title);
    write(card, "[data-next]", air.next?.title ?? "–");
    write(card, "[data-left]", clock(air.now.end - now));
    if (air.next) write(card, "[data-until]", `−${clock(air.next.start - now)}`);
    if (air.now.end <= now) over = true;
  }
  return over;
}

async function load(address: string): Promise<void> {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return;
    const said = (await answer.json()) as { at: number; services: Record<string, Air> };
    shift = said.at - Date.now() / 1000;
    services = said.services;
    const lang = document.documentElement.lang;
    sessionStorage.setItem(KEPT, JSON.stringify({ lang, at: Date.now(), shift, services }));
    draw();
  } catch {
    return; // offline is said by the stream's state
  }
}

function pictures(): void {
  for (const image of document.querySelectorAll<HTMLImageElement>("[data-poster]")) {
    if (!image.dataset.ready) {
      image.dataset.ready = "yes";
      image.addEventListener("load", () => (image.hidden = false));
      image.addEventListener("error", () => (image.hidden = true));
    }
    // A change of address that is not cached; the picture before stays until the next has come
    const fresh = new Image();
    const address = `${image.dataset.poster}?t=${Math.floor(Date.now() / PICTURE_MS)}`;
    fresh.onload = () => (image.src = address);
    fresh.src = address;
  }
}

export function showAir(): void {
  const address = document.body.dataset.air;
  if (!address) return;
  recall();
  let loaded = 0;
  const step = (): void => {
    const over = draw();
    if (Date.now() - loaded > (over ? 1500 : FETCH_MS)) {
      loaded = Date.now();
      if (!document.hidden) void load(address);
    }
  };
  pictures();
  step();
  setInterval(step, 1000);
  setInterval(() => {
    if (!document.hidden) pictures();
  }, PICTURE_MS);
  document.addEventListener("keshen:refreshed", pictures);
}
