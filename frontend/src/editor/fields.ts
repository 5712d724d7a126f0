/** The fields around the body: read as content, written from content. */
import type { Content } from "./saving";
import { word } from "../control/words";

const LINES = ["headline", "standfirst", "byline", "dateline", "slugline", "ednote"] as const;

export class Fields {
  constructor(
    private readonly root: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly changed: () => void,
  ) {
    root.addEventListener("input", (event) => {
      if ((event.target as HTMLInputElement).form === form) changed();
    });
    this.area("embargo").addEventListener("change", () => this.sayIfPast());
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["headline", "standfirst"]) {
      const area = this.area(name);
      area.addEventListener("input", () => this.fit(area));
      if (name === "headline") {
        area.addEventListener("keydown", (event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          this.area("standfirst").focus();
        });
      }
    }
    const add = root.querySelector<HTMLSelectElement>("[data-topic-add]");
    add?.addEventListener("change", () => {
      const option = add.selectedOptions[0];
      if (option?.value && !this.topics().includes(option.value)) this.addTopic(option.value, option.text);
      add.value = "";
      changed();
    });
  }

  read(): Content {
    const content: Content = {};
    for (const name of LINES) content[name] = this.area(name).value.trim();
    content.urgency = Number(this.area("urgency").value);
    content.keywords = split(this.area("keywords").value, ",");
    content.restrictions = split(this.area("restrictions").value, "\n");
    const embargo = this.area("embargo").value;
    content.embargo = embargo ? new Date(embargo).toISOString() : null;
    content.topics = this.topics();
    return content;
  }

  write(content: Content): void {
    for (const name of LINES) this.area(name).value = String(content[name] ?? "");
    this.area("urgency").value = String(content.urgency ?? 5);
    this.area("keywords").value = ((content.keywords as string[]) ?? []).join(", ");
    this.area("restrictions").value = ((content.restrictions as string[]) ?? []).join("\n");
    this.area("embargo").value = content.embargo ? localTime(new Date(String(content.embargo))) : "";
    this.sayIfPast();
    const holder = this.root.querySelector("[data-topics]");
    holder?.replaceChildren();
    const add = this.root.querySelector<HTMLSelectElement>("[data-topic-add]");
    for (const code of (content.topics as string[]) ?? []) {
      const option = Array.from(add?.options ?? []).find((candidate) => candidate.value === code);
      this.addTopic(code, option?.text ?? code);
    }
    this.fit(this.area("headline"));
    this.fit(this.area("standfirst"));
  }

  /** An embargo in the past is allowed, and is often a slip of the year. */
  private sayIfPast(): void {
    const said = this.root.querySelector<HTMLElement>("[data-embargo-past]");
    const value = this.area("embargo").value;
    if (said) said.textContent = value && new Date(value) <= new Date() ? (said.dataset.embargoPast ?? "") : "";
  }

  private area(name: string): HTMLTextAreaElement {
    return this.form.elements.namedItem(name) as HTMLTextAreaElement;
  }

  private fit(area: HTMLTextAreaElement): void {
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + 2}px`;
  }

  private topics(): string[] {
    return Array.from(this.root.querySelectorAll<HTMLElement>("[data-topic]"), (chip) => chip.dataset.topic ?? "");
  }

  private addTopic(code: string, text: string): void {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.dataset.topic = code;
    chip.textContent = `${text.split(" › ").at(-1)} ✕`;
    chip.title = word("remove", { name: text });
    chip.addEventListener("click", () => {
      chip.remove();
      this.changed();
    });
    this.root.querySelector("[data-topics]")?.append(chip);
  }
}

function split(text: string, by: string): string[] {
  return text
    .split(by)
    .map((part) => part.trim())
    .filter(Boolean);
}

function localTime(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
