// Runs before the first paint, as a classic script without imports: puts the theme the person chose on <html>.
try {
  const chosenTheme = localStorage.getItem("theme");
  if (chosenTheme === "dark" || chosenTheme === "light") document.documentElement.dataset["theme"] = chosenTheme;
} catch (refused) {
  console.info("no theme is remembered:", refused);
}
