import "./site.css";
import { switchTheme } from "./theme.ts";

const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", switchTheme);
}

// The guide of today begins at this hour: bring it into view inside its list, without moving a page that was asked for a place in it
const now = document.querySelector<HTMLElement>("details#now");
if (now && location.hash === "#day") now.scrollIntoView({ block: "center" });
