/** One SVG sprite of the Lucide icons that `src/icons.json` names; templates draw them with `{% icon "name" %}`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

export function icons(list: string): Plugin {
  return {
    name: "keshen-icons",
    async buildStart() {
      this.addWatchFile(list);
      const require = createRequire(import.meta.url);
      const names = JSON.parse(await readFile(list, "utf8")) as string[];
      const symbols = await Promise.all(
        names.map(async (name) => {
          const svg = await readFile(require.resolve(`lucide-static/icons/${name}.svg`), "utf8");
          const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
          return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
        }),
      );
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "src/icons.json",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
      });
    },
  };
}
