/**
 * Parts of a screen that keep themselves fresh: `data-refresh="change job"` names the events, `data-from` the address.
 *
 * While somebody aims at a region (the pointer moves over it, or the keyboard is in it), its rows only change in place;
 * rows come, go and move when the aim is gone, or when the person asks to see them.
 */
import { Idiomorph } from "idiomorph";
import { word } from "./words";

const AIM_MS = 2500;
const GATHER_MS = 400;
const aimedAt = new WeakMap<Element, number>();
const waiting = new WeakMap<Element, number>();
const kept = new WeakMap<Element, string>();

function aim(event: Event): void {
  const region = (event.target as Element | null)?.closest?.("[data-refresh]");
  if (region) aimedAt.set(region, Date.now());
}

function isAimed(region: HTMLElement): boolean {
  return Date.now() - (aimedAt.get(region) ?? 0) < AIM_MS;
}

function replace(region: HTMLElement, html: string): void {
  const selected = region.querySelector("[data-selected]")?.id;
  Idiomorph.morph(region, html, { morphStyle: "innerHTML", ignoreActiveValue: true });
  if (selected) document.getElementById(selected)?.setAttribute("data-selected", "");
  kept.delete(region);
  chip(region, 0);
  region.dispatchEvent(new CustomEvent("keshen:refreshed", { bubbles: true }));
}

function inPlace(region: HTMLElement, html: string): number {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  let others = 0;
  const seen = new Set<string>();
  for (const row of fresh.content.querySelectorAll<HTMLElement>("[data-row]")) {
    seen.add(row.id);
    const old = document.getElementById(row.id);
    if (!old || !region.contains(old)) others++;
    else if (old.innerHTML !== row.innerHTML) Idiomorph.morph(old, row.innerHTML, { morphStyle: "innerHTML" });
  }
  for (const old of region.querySelectorAll("[data-row]")) if (!seen.has(old.id)) others++;
  const order = (root: ParentNode): string =>
    Array.from(root.querySelectorAll("[data-row]"), (row) => row.id).join();
  return others || order(fresh.content) === order(region) ? others : 1;
}

function chip(region: HTMLElement, count: number): void {
  const button = document.querySelector<HTMLButtonElement>(`[data-fresh-for="${region.id}"]`);
  if (!button) return;
  button.hidden = count === 0;
  button.textContent = word("changes", { n: count });
}

async function refresh(region: HTMLElement): Promise<void> {
  const address = region.dataset.from;
  if (!address || !region.isConnected) return;
  let answer: Response;
  try {
    answer = await fetch(address, { headers: { "X-Part": region.id } });
  } catch {
    return; // offline: the stream says so, and everything is fetched again when it is back
  }
  if (answer.status === 403 || answer.redirected) return location.reload();
  if (!answer.ok) return;
  const html = await answer.text();
  if (!isAimed(region)) return replace(region, html);
  const others = inPlace(region, html);
  if (others || !region.querySelector("[data-row]")) {
    kept.set(region, html);
    chip(region, others);
  }
}

function schedule(region: HTMLElement): void {
  if (waiting.has(region)) return;
  waiting.set(
    region,
    window.setTimeout(() => {
      waiting.delete(region);
      void refresh(region);
    }, GATHER_MS),
  );
}

export function refreshAll(name: string): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-refresh]")) {
    if (name === "lost" || region.dataset.refresh?.split(" ").includes(name)) schedule(region);
  }
}

export function keepFresh(): void {
  for (const name of ["pointermove", "focusin", "keydown"]) document.addEventListener(name, aim, { passive: true });
  for (const name of ["change", "job", "lost"]) document.addEventListener(`keshen:${name}`, () => refreshAll(name));
  document.addEventListener("keshen:verb", (event) => {
    const { ok, form } = (event as CustomEvent<{ ok: boolean; form: HTMLFormElement }>).detail;
    const region = ok ? form.closest<HTMLElement>("[data-refresh]") : null;
    if (!region) return;
    aimedAt.delete(region); // one's own verb is not a surprise: what it changed is shown at once
    void refresh(region);
  });
  setInterval(() => {
    for (const region of document.querySelectorAll<HTMLElement>("[data-refresh]")) {
      const html = kept.get(region);
      if (html && !isAimed(region)) replace(region, html);
    }
  }, 1000);
  setInterval(() => refreshAll("minute"), 60_000);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-fresh-for]");
    const region = button && document.getElementById(button.dataset.freshFor ?? "");
    const html = region && kept.get(region);
    if (region && html) replace(region, html);
  });
}
