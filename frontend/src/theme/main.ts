// Runs before the first paint, as a classic script without imports: puts the theme the person chose on <html>.
const chosenTheme = localStorage.getItem("theme");
if (chosenTheme === "dark" || chosenTheme === "light") document.documentElement.dataset["theme"] = chosenTheme;
