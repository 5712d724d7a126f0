/** What is chosen, in full: its pictures, its times, its state in words. */
import { word } from "../control/words";
import { still } from "./dialogs";
import { type Board, clock, end, length, MARKS, type Part, stateOf } from "./model";

const root = document.querySelector<HTMLElement>("[data-desk]");

function picture(part: Part, tick: number, label: string): HTMLElement {
  const made = document.createElement("figure");
  const image = document.createElement("img");
  image.alt = "";
  image.width = 128;
  image.height = 72;
  image.hidden = true;
  image.onload = () => (image.hidden = false);
  image.src = still(part.asset, tick);
  const caption = document.createElement("figcaption");
  caption.textContent = label;
  made.append(image, caption);
  return made;
}

export function inspect(place: HTMLElement, part: Part | undefined, board: Board): void {
  place.hidden = !part;
  if (!part) return;
  const drawn = part.marks.map((mark) => [word(`mark_${mark.kind}`), mark.text].filter(Boolean).join(": "));
  const state = stateOf(part, board);
  const key = [part.start, part.ticks, part.asset, part.in, part.hard, part.pending, part.waits, state, ...drawn].join();
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  const title = document.createElement("h2");
  title.className = "section-title";
  title.textContent = part.title || part.programme;
  const facts = document.createElement("p");
  const words = [
    `${MARKS[state]} ${word(state)}`,
    part.hard ? `⚲ ${word("hard")}` : "",
    part.group ? word("break") : part.placed ? word("placed") : "",
    part.fills ? word("fills") : "",
    part.pending ? `↻ ${word("pending")}` : "",
    part.waits ? `↻ ${word("waits")}` : "",
  ];
  facts.textContent = words.filter(Boolean).join(" · ");
  const times = document.createElement("p");
  times.className = "muted";
  times.textContent = word("length", {
    length: length(part.ticks),
    start: clock(part.start),
    end: clock(end(part)),
  });
  place.replaceChildren(title, facts, times);
  if (drawn.length) {
    const over = document.createElement("p");
    over.textContent = drawn.join(" · ");
    place.append(over);
  }
  if (part.reason) {
    const why = document.createElement("p");
    why.className = "problem";
    why.textContent = part.reason;
    place.append(why);
  }
  if (part.asset && !part.fills && root?.dataset.kind === "tv") {
    const pictures = document.createElement("div");
    pictures.className = "desk-pictures";
    pictures.append(
      picture(part, part.in, `${word("in")} ${length(part.in)}`),
      picture(part, part.in + part.ticks - 1, `${word("out")} ${length(part.in + part.ticks)}`),
    );
    place.append(pictures);
  }
}
