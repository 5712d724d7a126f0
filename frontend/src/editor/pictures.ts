/** Pictures: send one from this machine, or take one the house has. */
import type { Editor } from "@tiptap/core";
import { toast } from "../control/verbs";
import { csrf, word } from "../control/words";

export function wirePictures(editor: Editor, root: HTMLElement): void {
  const dialog = document.getElementById("pictures") as HTMLDialogElement | null;
  const file = dialog?.querySelector<HTMLInputElement>("[data-picture-file]");
  if (!dialog || !file) return;
  const address = root.dataset.pictures ?? "";

  const insert = (asset: string, alt: string, caption: string): void => {
    editor.chain().focus().insertContent({ type: "picture", attrs: { asset, alt, caption } }).run();
  };

  const send = async (picture: File): Promise<void> => {
    const body = new FormData();
    body.set("picture", picture);
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrf() } });
      const json = answer.headers.get("Content-Type")?.includes("json");
      const said = json ? ((await answer.json()) as { urn?: string; said?: string }) : {};
      if (answer.ok && said.urn) insert(said.urn, "", "");
      else toast(said.said ?? word("failed", { status: answer.status }), true);
    } catch {
      toast(word("offline"), true);
    }
  };

  const open = async (): Promise<void> => {
    const answer = await fetch(address).catch(() => undefined);
    const shelf = dialog.querySelector("[data-shelf]");
    if (shelf && answer?.ok) shelf.innerHTML = await answer.text();
    dialog.showModal();
  };

  root.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-do=picture]")) void open();
  });
  dialog.addEventListener("click", (event) => {
    const choice = (event.target as Element).closest<HTMLElement>("[data-asset]");
    if (!choice) return;
    dialog.close();
    insert(choice.dataset.asset ?? "", choice.dataset.alt ?? "", choice.dataset.caption ?? "");
  });
  file.addEventListener("change", () => {
    const picture = file.files?.[0];
    file.value = "";
    dialog.close();
    if (picture) void send(picture);
  });
}
