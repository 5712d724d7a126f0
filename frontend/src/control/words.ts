/** The interface's words, which the page brings in the person's language. */
const source = document.getElementById("words");
const words: Record<string, string> = source?.textContent ? (JSON.parse(source.textContent) ?? {}) : {};

/** The word for `key`, with `{name}` places filled. A missing key is a fault of the page, and shows as itself. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export function csrf(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
}
