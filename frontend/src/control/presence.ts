/** Who else is here: `data-present="<urn>"` shows the people at a subject, `data-at="<urn>"` says that I am at one. */
import type { Person } from "./live";
import { csrf, word } from "./words";

const BEAT_MS = 10_000;
let subjects: Record<string, Person[]> = {};
let said: { subject: string; mode: string } | undefined;

function draw(): void {
  const me = document.body.dataset.me;
  for (const place of document.querySelectorAll<HTMLElement>("[data-present]")) {
    const people = (subjects[place.dataset.present ?? ""] ?? []).filter((person) => person.who !== me);
    const text = people.map((person) => `${person.mode === "edit" ? "✎" : "◉"} ${person.name}`).join("  ");
    if (place.textContent !== text) place.textContent = text;
    place.title = people
      .map((person) => word(person.mode === "edit" ? "edits" : "reads", { name: person.name }))
      .join(", ");
  }
}

function send(subject: string, mode: string): void {
  const address = document.body.dataset.presenceUrl;
  if (!address) return;
  const body = new URLSearchParams({ subject, mode });
  // Presence is a courtesy: when it cannot be said, the stream's own state tells the person that they are offline
  fetch(address, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": csrf() } }).catch(() => undefined);
}

function beat(): void {
  const here = document.querySelector<HTMLElement>("[data-at]");
  const now = here ? { subject: here.dataset.at ?? "", mode: here.dataset.mode ?? "read" } : undefined;
  if (said && said.subject !== now?.subject) send(said.subject, "gone");
  if (now && !document.hidden) send(now.subject, now.mode);
  said = now;
}

export function bePresent(): void {
  document.addEventListener("keshen:presence", (event) => {
    subjects = (event as CustomEvent<{ subjects: Record<string, Person[]> }>).detail.subjects;
    draw();
  });
  for (const name of ["keshen:refreshed", "htmx:afterSettle"]) document.addEventListener(name, draw);
  document.addEventListener("htmx:afterSettle", beat);
  beat();
  setInterval(beat, BEAT_MS);
  addEventListener("pagehide", () => {
    if (said) send(said.subject, "gone");
  });
}
