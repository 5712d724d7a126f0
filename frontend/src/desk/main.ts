/** The operator's screen: a service's schedule, edited by pointer or by keyboard alone, live, without losing an edit. */
import "./desk.css";
import { askReason, toast } from "../control/verbs";
import { word } from "../control/words";
import { askBreakIn, askInsert, askLogo, askMarks, askTrim } from "./dialogs";
import { letDrag } from "./drag";
import { chosenBox, drawList, drawNow, drawRows, type Row, type View } from "./draw";
import { expected } from "./expected";
import { askExport, askImport } from "./files";
import { inspect } from "./inspector";
import { type Board, clock, DAY, dayName, end, length, midnight, now, type Part, setClock, snap, SPANS } from "./model";
import { type Answer, type Edit, send, startSending } from "./sending";
import { keepShelf } from "./shelf";

const root = document.querySelector<HTMLElement>("[data-desk]");
if (root) start(root);

function start(root: HTMLElement): void {
  const find = <E extends HTMLElement>(selector: string): E => root.querySelector<E>(selector) as E;
  const rows = find("[data-rows]");
  const list = find("[data-lines]");
  const said = find("[data-said]");
  const problem = find<HTMLElement>(".desk-problem");
  const may = root.dataset.may === "yes";
  const BACK = 0.2;
  const SOON = 9; // ticks an edit may take until it is checked
  let board: Board | undefined;
  let week = false;
  let span = Number(localStorage.getItem("keshen:desk-span") ?? 1);
  let from: number | null = null; // null follows the clock
  let chosen = 0;
  let aiming = false;
  let stale = false;
  let carried: { part: Part; to: number } | null = null;
  let failed: Edit | undefined;
  let held: Edit[] = [];

  const say = (text: string): void => {
    said.textContent = "";
    requestAnimationFrame(() => (said.textContent = text));
  };

  const shownRows = (): Row[] => {
    if (week) {
      const first = midnight(from ?? now());
      return Array.from({ length: 7 }, (_, n) => ({ start: first + n * DAY, end: first + (n + 1) * DAY }));
    }
    const wide = SPANS[span] as number;
    const begin = Math.round(from ?? now() - wide * BACK);
    return [{ start: begin, end: begin + wide }];
  };

  const part = (tick: number): Part | undefined => board?.parts.find((one) => one.start === tick);

  const draw = (): void => {
    if (!board) return;
    if (aiming) {
      stale = true;
      return;
    }
    stale = false;
    const shown = expected(board, held);
    if (carried) {
      const moving = carried;
      shown.parts = shown.parts.map((one) =>
        one.start === moving.part.start ? { ...one, start: moving.to, pending: true } : one,
      );
    }
    const view: View = { rows: shownRows(), board: shown, chosen: carried?.to ?? chosen, week };
    drawRows(rows, view);
    drawList(list, view);
    inspect(find("[data-inspector]"), shown.parts.find((one) => one.start === view.chosen), shown);
    const first = (view.rows[0] as Row).start + 10;
    find("[data-day]").textContent = week
      ? `${dayName(first)} – ${dayName(first + 6 * DAY)}`
      : `${dayName(first)} · ${length(SPANS[span] as number).replace(/:00$/, "")}`;
    for (const [act, on] of [["day", !week], ["week", week], ["now", from === null]] as const) {
      root.querySelector(`[data-act="${act}"]`)?.setAttribute("aria-pressed", String(on));
    }
    find("[data-empty]").hidden = !board.empty;
    const broken = find("[data-break]");
    broken.hidden = !board.break_in;
    if (board.break_in) {
      broken.textContent = `● ${word("break")}: ${word("back_at", { time: clock(board.break_in.until) })}`;
    }
    const back = root.querySelector<HTMLElement>('[data-act="return"]');
    if (back) back.hidden = !board.break_in;
  };

  let asked = 0;
  let latest: Promise<void> = Promise.resolve();
  const load = (): Promise<void> => (latest = fetched());
  /** The board as it is now is drawn; one that was asked for later stands for this one. */
  const fetched = async (): Promise<void> => {
    const mine = ++asked;
    const all = shownRows();
    const margin = week ? 0 : (SPANS[span] as number);
    const first = (all[0] as Row).start - margin;
    const last = (all[all.length - 1] as Row).end + margin;
    try {
      const answer = await fetch(`${root.dataset.board}?from=${Math.round(first)}&to=${Math.round(last)}`);
      if (answer.status === 403) return location.reload();
      if (mine !== asked) return latest;
      if (!answer.ok) return;
      const told = (await answer.json()) as Board;
      if (mine !== asked) return latest;
      board = told;
    } catch {
      return; // offline: said by the frame, and loaded again when the stream is back
    }
    setClock(board.now);
    if (!part(chosen)) {
      const at = now();
      const on = board.parts.find((one) => one.start <= chosen && chosen < end(one)) ?? board.parts.find((one) => end(one) > at);
      chosen = on?.start ?? 0;
    }
    draw();
  };

  let gathering = 0;
  const soon = (): void => {
    clearTimeout(gathering);
    gathering = window.setTimeout(() => void load(), 250);
  };

  const pick = (tick: number, tell = true): void => {
    chosen = tick;
    const shown = shownRows();
    if (!shown.some((row) => tick >= row.start && tick < row.end)) {
      from = week ? midnight(tick) : tick - (SPANS[span] as number) * BACK;
      void load();
    }
    draw();
    if (!tell) return;
    chosenBox(rows)?.focus({ preventScroll: true });
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  };

  const step = (by: number): void => {
    if (!board) return;
    const usable = week ? board.parts.filter((one) => one.placed || one.ticks > DAY * 0.004) : board.parts;
    const at = usable.findIndex((one) => one.start >= chosen);
    const next = usable[Math.max(0, Math.min(usable.length - 1, (at < 0 ? usable.length - 1 : at) + by))];
    if (next) pick(next.start);
  };

  const edit = (verb: string, given: Record<string, unknown>, name: string): void => {
    send({ verb, given, name });
    held = [...held, { verb, given, name }];
    draw();
  };
  const target = (): Part | undefined => (may ? part(chosen) : undefined);
  const seen = (one: Part): { start: number; asset: number } | { start: number } =>
    one.fills ? { start: one.start } : { start: one.start, asset: one.asset };

  const frozenDrop = (to: number): boolean => {
    if (!board || to >= board.frozen) return false;
    const text = word("frozen_drop", { time: clock(board.frozen) });
    toast(text, true);
    say(text);
    return true;
  };
  const move = (one: Part, to: number): void => {
    if (to === one.start || frozenDrop(to)) return draw();
    edit("move", { ...seen(one), to }, one.title);
    chosen = to;
    draw();
  };
  const trim = (one: Part, first: number, last: number): void => {
    if (first !== one.in || last !== one.in + one.ticks) edit("trim", { ...seen(one), first, last }, one.title);
  };
  const insert = (asset: number, name: string, at: number, hard = false): void => {
    if (!frozenDrop(at)) edit("insert", { start: at, asset, hard }, name);
  };

  const carryOn = (key: KeyboardEvent): boolean => {
    if (!carried || !board) return false;
    const rtl = document.documentElement.dir === "rtl";
    const along: Record<string, number> = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, ArrowUp: -1, ArrowDown: 1 };
    const by = along[key.key];
    const one = carried.part;
    if (key.key === "Escape") {
      carried = null;
      say(word("left", { name: one.title }));
      draw();
    } else if (key.key === "Enter") {
      const { to } = carried;
      carried = null;
      move(one, to);
    } else if (by !== undefined) {
      const stride = week ? (key.key === "ArrowUp" || key.key === "ArrowDown" ? DAY : 1875) : (SPANS[span] as number) / 60;
      const fine = key.shiftKey ? by : 0;
      const wished = carried.to + by * stride;
      carried.to = Math.round(fine ? carried.to + fine : snap(wished, board, stride * 0.9, one));
      if (!fine && carried.to === one.start && wished !== one.start) carried.to = Math.round(wished);
      carried.to = Math.max(board.frozen, carried.to);
      say(word("moving", { name: one.title, time: clock(carried.to) }));
      draw();
    } else return false;
    return true;
  };

  const acts: Record<string, () => void | Promise<void>> = {
    earlier: () => {
      const first = (shownRows()[0] as Row).start;
      from = first - (week ? 7 * DAY : (SPANS[span] as number) * 0.8);
      void load();
    },
    later: () => {
      const first = (shownRows()[0] as Row).start;
      from = first + (week ? 7 * DAY : (SPANS[span] as number) * 0.8);
      void load();
    },
    now: () => {
      from = null;
      chosen = 0;
      void load();
    },
    narrow: () => zoom(-1),
    wide: () => zoom(1),
    day: () => {
      week = false;
      if (chosen) from = chosen - (SPANS[span] as number) * BACK;
      void load();
    },
    week: () => {
      week = true;
      void load();
    },
    insert: async () => {
      if (!board) return;
      const on = part(chosen);
      const wanted = await askInsert(Math.max(board.frozen, on ? (on.fills ? on.start : end(on)) : board.frozen));
      if (!wanted) return;
      // the offered time may have been frozen while somebody searched: as soon as may be, then
      const edge = Math.max(board.frozen, now() + 36);
      const at = wanted.offered && wanted.start < edge ? edge + SOON : wanted.start;
      insert(wanted.asset, wanted.name, at, wanted.hard);
    },
    move: () => {
      const one = target();
      if (!one || one.fills || !board) return;
      if (frozenDrop(one.start)) return;
      carried = { part: one, to: one.start };
      say(word("moving", { name: one.title, time: clock(one.start) }));
      toast(word("moving", { name: one.title, time: clock(one.start) }));
      chosenBox(rows)?.focus({ preventScroll: true });
    },
    trim: async () => {
      const one = target();
      if (!one || one.fills) return;
      const cut = await askTrim(one);
      if (cut) trim(one, cut.first, cut.last);
    },
    mark: async () => {
      const one = target();
      if (!one || one.fills || frozenDrop(one.start)) return;
      const drawn = await askMarks(one);
      if (drawn) edit("mark", { ...seen(one), ...drawn }, one.title);
    },
    logo: async () => {
      if (!board) return;
      const wanted = await askLogo(board);
      if (wanted) edit("logo", wanted, word("logo"));
    },
    fix: () => {
      const one = target();
      if (one) edit("fix", { ...seen(one), hard: !one.hard }, one.title);
    },
    remove: () => {
      const one = target();
      if (one && !frozenDrop(one.start)) edit("remove", seen(one), one.title);
    },
    undo: () => edit("undo", {}, word("undo")),
    redo: () => edit("redo", {}, word("redo")),
    skip: async () => {
      const at = Math.max(board?.frozen ?? 0, now() + 36);
      const reason = await askReason(word("skip_title"), word("skip_consequence", { time: clock(at) }));
      if (reason !== null) edit("skip", { reason }, word("skip"));
    },
    "break-in": async () => {
      if (!board) return;
      const given = await askBreakIn(board, root.querySelector<HTMLElement>("[data-news]")?.textContent ?? word("news"));
      if (given) edit("break-in", given.given, given.name);
    },
    return: () => edit("return", {}, word("return")),
    import: async () => {
      if (!board) return;
      const taken = await askImport(board);
      if (!taken) return;
      toast(taken.said);
      for (const warning of taken.warnings) toast(warning, true);
      say([taken.said, ...taken.warnings].join(" "));
      void load();
    },
    export: () => askExport(chosen || now()),
  };

  function zoom(by: number): void {
    span = Math.max(0, Math.min(SPANS.length - 1, span + by));
    localStorage.setItem("keshen:desk-span", String(span));
    if (from !== null && chosen) from = chosen - (SPANS[span] as number) * BACK;
    void load();
  }

  root.addEventListener("click", (event) => {
    const on = event.target as Element;
    const button = on.closest<HTMLElement>("[data-act]");
    if (button) return void acts[button.dataset.act ?? ""]?.();
    const row = on.closest<HTMLElement>("[data-lines] tr[data-start], .part");
    if (row?.dataset.start) pick(Number(row.dataset.start));
    const clip = on.closest<HTMLElement>("[data-asset]");
    if (clip && board) insert(Number(clip.dataset.asset), clip.dataset.name ?? "", Math.max(board.frozen, chosen ? end(part(chosen) ?? { start: board.frozen, ticks: 0 }) : 0));
  });
  rows.addEventListener("dblclick", () => void acts.trim?.());

  document.addEventListener(
    "keydown",
    (event) => {
      const on = event.target as Element;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (on.closest("input, textarea, select, [contenteditable=true]")) return;
      if (carryOn(event)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const rtl = document.documentElement.dir === "rtl";
      const inside = on === document.body || on.closest("[data-rows], [data-lines], main") !== null;
      const keys: Record<string, () => void> = {
        j: () => step(1),
        k: () => step(-1),
        ArrowRight: () => step(rtl ? -1 : 1),
        ArrowLeft: () => step(rtl ? 1 : -1),
        ArrowDown: () => (week ? dayStep(1) : step(1)),
        ArrowUp: () => (week ? dayStep(-1) : step(-1)),
        Home: () => pick(board?.parts[0]?.start ?? 0),
        End: () => pick(board?.parts[board.parts.length - 1]?.start ?? 0),
        "=": () => zoom(-1),
      };
      if (event.key === "Enter" && on.closest(".part")) void acts.trim?.();
      else if (inside && keys[event.key]) keys[event.key]?.();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  const dayStep = (by: number): void => {
    const wished = chosen + by * DAY;
    const near = board?.parts
      .filter((one) => one.placed || one.ticks > DAY * 0.004)
      .reduce((best, one) => (Math.abs(one.start - wished) < Math.abs(best.start - wished) ? one : best));
    if (near) pick(near.start);
  };

  problem.querySelector("[data-again]")?.addEventListener("click", () => {
    problem.hidden = true;
    if (failed) edit(failed.verb, failed.given, failed.name);
  });
  problem.querySelector("[data-leave]")?.addEventListener("click", () => (problem.hidden = true));

  startSending({
    // it is said when it is there: the next key is for what stands on the board
    done: async (sent: Edit, answer: Answer) => {
      problem.hidden = true;
      if (["insert", "move", "trim"].includes(sent.verb)) chosen = answer.start;
      await load();
      held = held.slice(1);
      draw();
      toast(answer.said);
      for (const warning of answer.warnings) toast(warning, true);
      say([answer.said, ...answer.warnings].join(" "));
    },
    refused: (sent: Edit, text: string) => {
      failed = sent;
      held = held.slice(1);
      (problem.querySelector("[data-problem]") as HTMLElement).textContent = `${sent.name}: ${text}`;
      problem.hidden = false;
      if (sent.verb === "move") chosen = Number(sent.given.start);
      void load();
    },
    waiting: (edits: Edit[]) => {
      held = [...edits];
      if (edits[0]) say(word("kept", { name: edits[0].name }));
      draw();
    },
  });

  const shelfList = root.querySelector<HTMLElement>("[data-shelf-list]");
  if (shelfList) keepShelf(shelfList, root.querySelector<HTMLInputElement>("[data-shelf-q]"));

  if (may) {
    letDrag(
      {
        rows,
        board: () => board as Board,
        part,
        pick: (tick) => pick(tick, false),
        move,
        trim,
        insert,
        busy: (on) => {
          aiming = on;
          root.classList.toggle("aiming", on);
          if (!on && stale) draw();
        },
      },
      shelfList,
    );
  }

  document.addEventListener("keshen:change", (event) => {
    const { kind } = (event as CustomEvent<{ kind: string }>).detail;
    if (kind.startsWith("air.") || kind.startsWith("asset.")) soon();
  });
  document.addEventListener("keshen:lost", soon);
  addEventListener("resize", draw);
  setInterval(() => {
    if (!board) return;
    if (Math.max(board.frozen, 0) < now() + 36) board.frozen = now() + 36;
    if (from === null && !week && !carried && !aiming) draw();
    else drawNow(rows, board);
  }, 1000);
  setInterval(() => {
    if (!document.hidden) void load();
  }, 20_000);
  void load();
}
