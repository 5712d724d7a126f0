/** The tools of the body: each a button with a word and the editor's own key. */
import type { Editor } from "@tiptap/core";
import { word } from "../control/words";

const SAFE = /^(https?:\/\/|mailto:)\S+$/i;

const TOOLS: Record<string, { run: (editor: Editor) => unknown; on?: (editor: Editor) => boolean }> = {
  bold: { run: (e) => e.chain().focus().toggleBold().run(), on: (e) => e.isActive("bold") },
  italic: { run: (e) => e.chain().focus().toggleItalic().run(), on: (e) => e.isActive("italic") },
  heading: {
    run: (e) => e.chain().focus().toggleHeading({ level: 2 }).run(),
    on: (e) => e.isActive("heading"),
  },
  bullets: { run: (e) => e.chain().focus().toggleBulletList().run(), on: (e) => e.isActive("bulletList") },
  numbers: { run: (e) => e.chain().focus().toggleOrderedList().run(), on: (e) => e.isActive("orderedList") },
  quote: { run: (e) => e.chain().focus().toggleBlockquote().run(), on: (e) => e.isActive("blockquote") },
  undo: { run: (e) => e.chain().focus().undo().run() },
  redo: { run: (e) => e.chain().focus().redo().run() },
};

export function wireToolbar(editor: Editor, root: HTMLElement): void {
  const bar = root.querySelector<HTMLElement>("[data-tools]");
  const link = root.querySelector<HTMLInputElement>("[data-link]");
  if (!bar || !link) return;

  const setLink = (): void => {
    const address = link.value.trim();
    link.setCustomValidity(address && !SAFE.test(address) ? word("linkform") : "");
    if (!link.reportValidity()) return;
    const chain = editor.chain().focus().extendMarkRange("link");
    if (address) chain.setLink({ href: address }).run();
    else chain.unsetLink().run();
    link.hidden = true;
  };

  bar.addEventListener("click", (event) => {
    const name = (event.target as Element).closest<HTMLElement>("[data-do]")?.dataset.do ?? "";
    if (name === "link") {
      link.hidden = !link.hidden;
      link.value = (editor.getAttributes("link").href as string | undefined) ?? "";
      if (!link.hidden) link.focus();
      return;
    }
    TOOLS[name]?.run(editor);
  });
  link.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      setLink();
    } else if (event.key === "Escape") {
      link.hidden = true;
      editor.commands.focus();
    }
  });
  const show = (): void => {
    for (const button of bar.querySelectorAll<HTMLElement>("[data-do]")) {
      const on = TOOLS[button.dataset.do ?? ""]?.on;
      if (on) button.setAttribute("aria-pressed", String(on(editor)));
    }
  };
  editor.on("transaction", show);
  show();
}
