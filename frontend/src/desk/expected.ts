import type { Board } from "./model";
import type { Edit } from "./sending";

/** The schedule with the edits that are on their way, as they will stand if the house agrees. */
export function expected(given: Board, held: Edit[]): Board {
  let parts = given.parts;
  for (const { verb, given: edit } of held) {
    const target = parts.find((one) => one.start === edit.start);
    if (verb === "move" && target) {
      const moved = { ...target, start: Number(edit.to), pending: true, placed: true };
      parts = [...parts.filter((one) => one !== target), moved];
    } else if (verb === "remove" && target) {
      parts = parts.map((one) => (one === target ? { ...one, pending: true, fills: true } : one));
    } else if (verb === "trim" && target) {
      const first = Number(edit.first);
      const ticks = Number(edit.last) - first;
      parts = parts.map((one) => (one === target ? { ...one, in: first, ticks, pending: true } : one));
    } else if (verb === "fix" && target) {
      parts = parts.map((one) => (one === target ? { ...one, hard: Boolean(edit.hard), pending: true } : one));
    }
  }
  return { ...given, parts: [...parts].sort((one, other) => one.start - other.start) };
}
