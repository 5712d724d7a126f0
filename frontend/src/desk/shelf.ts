import { word } from "../control/words";
import { shelf } from "./dialogs";
import { length } from "./model";

/** The clips that can be placed, as the search field beside them asks for them. */
export function keepShelf(list: HTMLElement, field: HTMLInputElement | null): void {
  const fill = async (): Promise<void> => {
    const asked = field?.value ?? "";
    const { assets, more } = await shelf(asked);
    if (asked !== (field?.value ?? "")) return;
    list.replaceChildren(
      ...assets.map((clip) => {
        const item = document.createElement("li");
        const made = document.createElement("button");
        made.type = "button";
        made.className = "quiet";
        made.dataset.asset = String(clip.asset);
        made.dataset.name = clip.title;
        const name = document.createElement("b");
        name.textContent = clip.title;
        const facts = document.createElement("span");
        facts.className = "muted";
        facts.textContent = `${length(clip.ticks)} · ${clip.role}`;
        made.append(name, facts);
        item.append(made);
        return item;
      }),
    );
    if (more || !assets.length) {
      const item = document.createElement("li");
      item.className = "muted small";
      item.textContent = more ? word("more", { n: more }) : word("no_media");
      list.append(item);
    }
  };
  field?.addEventListener("input", () => void fill());
  void fill();
}
