/** The menus of languages: one for the sound, one for the captions. What a person chose is remembered in this browser. */
import type { Choice, Engine } from "./engine.ts";

type Kind = "audio" | "captions";
const OFF = "-1";

function remembered(kind: Kind): string | null {
  try {
    return localStorage.getItem(`player-${kind}`);
  } catch {
    return null; // a browser that keeps nothing for us has nothing to remember
  }
}

function remember(kind: Kind, language: string): void {
  try {
    localStorage.setItem(`player-${kind}`, language);
  } catch (refused) {
    console.info("the choice lasts for this page only:", refused);
  }
}

/** The choice in exactly this language tag, else in the same language. */
export function best(choices: readonly Choice[], tag: string): Choice | undefined {
  const wanted = tag.toLowerCase();
  return (
    choices.find((one) => one.language.toLowerCase() === wanted) ??
    choices.find((one) => one.language.toLowerCase().split("-")[0] === wanted.split("-")[0])
  );
}

export class Menus {
  #set: Record<Kind, boolean> = { audio: false, captions: false };

  constructor(
    private readonly root: HTMLElement,
    private readonly edition: string,
    private readonly off: string,
  ) {}

  /** Shows what there is to choose from; the first time, chooses what the person chose before, or their edition's sound. */
  show(engine: Engine): void {
    this.#fill("audio", engine.audio(), engine.currentAudio(), (id) => engine.setAudio(id));
    this.#fill("captions", engine.captions(), engine.currentCaptions(), (id) => engine.setCaptions(id));
  }

  /** Captions on in the reader's language, or off. */
  toggleCaptions(engine: Engine): void {
    const choices = engine.captions();
    const on = engine.currentCaptions() !== OFF;
    const chosen = on ? undefined : (best(choices, remembered("captions") ?? this.edition) ?? choices[0]);
    engine.setCaptions(chosen?.id ?? OFF);
    remember("captions", chosen?.language ?? "");
    this.show(engine);
  }

  #fill(kind: Kind, choices: readonly Choice[], current: string, set: (id: string) => void): void {
    const label = this.root.querySelector<HTMLElement>(`[data-menu="${kind}"]`);
    const select = label?.querySelector("select");
    if (!label || !select) return;
    const enough = kind === "captions" ? 1 : 2;
    label.hidden = choices.length < enough;
    if (choices.length < enough) return;
    if (!this.#set[kind]) {
      this.#set[kind] = true;
      const before = remembered(kind);
      const wanted = kind === "audio" ? best(choices, before ?? this.edition) : before ? best(choices, before) : undefined;
      if (wanted) set(wanted.id);
      else if (kind === "captions") set(OFF);
      current = wanted?.id ?? (kind === "captions" ? OFF : current);
      select.addEventListener("change", () => {
        set(select.value);
        remember(kind, select.selectedOptions[0]?.lang ?? "");
      });
    }
    const option = (id: string, text: string, language: string) => {
      const made = new Option(text, id, false, id === current);
      made.lang = language;
      return made;
    };
    select.replaceChildren(
      ...(kind === "captions" ? [option(OFF, this.off, "")] : []),
      ...choices.map((one) => option(one.id, one.label, one.language)),
    );
    select.value = current;
  }
}
