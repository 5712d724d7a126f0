/** The body's schema, node by node the same as `newsroom/body.py` checks: an unknown node would be refused there. */
import { Extension, Node, mergeAttributes } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { Placeholder } from "@tiptap/extensions";
import StarterKit from "@tiptap/starter-kit";

const BLOCKS = ["paragraph", "heading", "bulletList", "orderedList", "listItem", "blockquote", "picture"];

function identity(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Every block keeps an `id` through edits, and `from` names the block of the source it was translated from. */
const Identity = Extension.create({
  name: "identity",
  addGlobalAttributes() {
    const attribute = (name: string) => ({
      default: null,
      keepOnSplit: false,
      parseHTML: (element: HTMLElement) => element.getAttribute(`data-${name}`),
      renderHTML: (attributes: Record<string, unknown>) =>
        attributes[name] ? { [`data-${name}`]: String(attributes[name]) } : {},
    });
    return [{ types: BLOCKS, attributes: { id: attribute("id"), from: attribute("from") } }];
  },
  addProseMirrorPlugins() {
    return [
      new Plugin({
        appendTransaction(transactions, _before, state) {
          if (!transactions.some((transaction) => transaction.docChanged)) return null;
          const seen = new Set<string>();
          const change = state.tr;
          state.doc.descendants((node, position) => {
            if (!BLOCKS.includes(node.type.name)) return;
            const id = node.attrs.id as string | null;
            if (!id || seen.has(id)) change.setNodeAttribute(position, "id", identity());
            else seen.add(id);
          });
          return change.docChanged ? change.setMeta("addToHistory", false) : null;
        },
      }),
    ];
  },
});

export interface PictureAttributes {
  asset: string;
  alt: string;
  caption: string;
}

/** A picture of the media store, named by its URN; what it shows is said beside it. */
const Picture = Node.create<{ address: (asset: string) => string; words: { alt: string; caption: string } }>({
  name: "picture",
  group: "block",
  atom: true,
  draggable: true,
  addOptions: () => ({ address: () => "", words: { alt: "", caption: "" } }),
  addAttributes: () => ({ asset: { default: "" }, alt: { default: "" }, caption: { default: "" } }),
  parseHTML: () => [{ tag: "figure[data-asset]" }],
  renderHTML({ HTMLAttributes }) {
    return ["figure", mergeAttributes({ "data-asset": HTMLAttributes.asset as string })];
  },
  addNodeView() {
    return ({ node, editor, getPos }) => {
      let current = node;
      const dom = document.createElement("figure");
      dom.className = "picture";
      const image = document.createElement("img");
      image.src = this.options.address(node.attrs.asset as string);
      dom.append(image);
      for (const name of ["alt", "caption"] as const) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        label.textContent = this.options.words[name];
        input.value = (node.attrs[name] as string) ?? "";
        input.addEventListener("input", () => {
          const position = getPos();
          if (position === undefined) return;
          editor.view.dispatch(editor.state.tr.setNodeAttribute(position, name, input.value));
        });
        label.append(input);
        dom.append(label);
      }
      image.alt = (node.attrs.alt as string) ?? "";
      return {
        dom,
        stopEvent: (event) => (event.target as HTMLElement).tagName === "INPUT",
        ignoreMutation: () => true,
        update: (next) => {
          if (next.type !== current.type || next.attrs.asset !== current.attrs.asset) return false;
          current = next;
          return true;
        },
      };
    };
  },
});

export function extensions(
  placeholder: string,
  address: (asset: string) => string,
  words: { alt: string; caption: string },
) {
  return [
    StarterKit.configure({
      code: false,
      codeBlock: false,
      horizontalRule: false,
      strike: false,
      underline: false,
      trailingNode: false,
      heading: { levels: [2, 3, 4] },
      link: {
        openOnClick: false,
        protocols: ["http", "https", "mailto"],
        HTMLAttributes: { target: null, rel: null },
      },
    }),
    Identity,
    Picture.configure({ address, words }),
    Placeholder.configure({ placeholder }),
  ];
}
