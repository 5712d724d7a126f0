/** Turns light into dark and back, and remembers it in this browser. */
export function switchTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset["theme"]
    ? root.dataset["theme"] === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const chosen = dark ? "light" : "dark";
  root.dataset["theme"] = chosen;
  try {
    localStorage.setItem("theme", chosen);
  } catch (refused) {
    console.info("the theme lasts for this page only:", refused);
  }
}
