import "./editor.css";
import { Editor, type JSONContent } from "@tiptap/core";
import { toast } from "../control/verbs";
import { word } from "../control/words";
import { Fields } from "./fields";
import { wirePictures } from "./pictures";
import { Refused, Saving, type Content } from "./saving";
import { extensions } from "./schema";
import { wireScripts } from "./scripts";
import { wireToolbar } from "./toolbar";

function start(root: HTMLElement): void {
  const given = JSON.parse(document.getElementById("content")?.textContent ?? "{}") as Content;
  const form = root.querySelector("form[data-fields]") as HTMLFormElement;
  const mount = root.querySelector("[data-body]") as HTMLElement;
  const state = root.querySelector("[data-saving]") as HTMLElement;
  const clash = root.querySelector("[data-conflict]") as HTMLElement;
  const editable = root.dataset.editable === "yes";
  const pictureOf = (asset: string): string => `${root.dataset.pictures}${encodeURIComponent(asset)}/`;

  let loading = true;
  const editor = new Editor({
    element: mount,
    injectCSS: false,
    editable,
    content: given.body as JSONContent,
    extensions: extensions(word("write"), pictureOf, { alt: word("alt"), caption: word("caption") }),
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": word("body"),
        class: "reading",
        ...(root.dataset.textLanguage ? { lang: root.dataset.textLanguage } : {}),
      },
    },
    onUpdate: () => {
      if (!loading) saving.touch();
    },
  });

  const fields = new Fields(root, form, () => saving.touch());
  const read = (): Content => ({ ...fields.read(), pictures: given.pictures ?? [], body: { ...editor.getJSON(), schema: 1 } });
  const write = (content: Content): void => {
    loading = true;
    fields.write(content);
    editor.commands.setContent(content.body as JSONContent, { emitUpdate: false });
    loading = false;
  };

  const saving = new Saving(
    root.dataset.draft ?? "",
    Number(root.dataset.revision),
    read,
    (text, name) => {
      state.textContent = text;
      state.dataset.state = name;
      if (name === "saved") document.dispatchEvent(new CustomEvent("keshen:saved"));
    },
    (said, theirs, revision) => {
      clash.hidden = false;
      (clash.querySelector("[data-said]") as HTMLElement).textContent = said;
      const compare = clash.querySelector("[data-theirs]") as HTMLElement;
      compare.textContent = [theirs.headline, ...texts(theirs.body as JSONContent)].join("\n\n");
      (clash.querySelector("[data-mine]") as HTMLButtonElement).onclick = () => {
        clash.hidden = true;
        saving.upon(revision);
        saving.touch();
      };
      (clash.querySelector("[data-take]") as HTMLButtonElement).onclick = () => {
        clash.hidden = true;
        saving.forget();
        location.reload();
      };
    },
  );

  fields.write(given);
  loading = false;
  if (!editable) {
    for (const element of Array.from(form.elements)) (element as HTMLInputElement).disabled = true;
    return;
  }

  const kept = saving.kept();
  if (kept) {
    write(kept.content);
    // Upon the revision it was typed on: when somebody saved since, the house answers with a conflict, said plainly
    saving.upon(kept.revision);
    saving.touch();
    toast(word("restored"));
  }

  wireToolbar(editor, root);
  wirePictures(editor, root);
  wireScripts(root);
  document.addEventListener("keshen:before-verb", (event) => {
    (event as CustomEvent<{ wait: Promise<unknown>[] }>).detail.wait.push(saving.flush());
  });
  addEventListener("beforeunload", () => void saving.flush().catch((problem: unknown) => {
    if (!(problem instanceof Refused)) throw problem;
  }));
  const headline = form.elements.namedItem("headline") as HTMLTextAreaElement;
  if (!headline.value) headline.focus();
}

function texts(node: JSONContent): string[] {
  if (node.type === "paragraph" || node.type === "heading") {
    return [(node.content ?? []).map((child) => child.text ?? "\n").join("")];
  }
  return (node.content ?? []).flatMap(texts);
}

const root = document.querySelector<HTMLElement>("[data-editor]");
if (root) start(root);
