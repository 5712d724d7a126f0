import "../css/base.css";
import "./shell.css";
import "./parts.css";
import "./schedule.css";
import "./wire.css";
import htmx from "htmx.org";
import { showAir } from "./air";
import { runClock } from "./clock";
import { listenToFilters } from "./filter";
import { listenToFind } from "./find";
import { listenToKeys } from "./keys";
import { listen } from "./live";
import { bePresent } from "./presence";
import { keepFresh, refreshAll } from "./regions";
import { drawTimelines } from "./timeline";
import { listenToTriage } from "./triage";
import { listenToVerbs, toast } from "./verbs";
import { csrf, word } from "./words";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;

document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-CSRFToken"] = csrf();
});
document.addEventListener("htmx:responseError", (event) => {
  const answer = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  if (answer.status === 403) location.reload();
  else toast(word("failed", { status: answer.status }), true);
});
document.addEventListener("htmx:sendError", () => toast(word("offline"), true));
document.addEventListener("keshen:verb", () => refreshAll("lost"));

// a strip of tabs is longer than a telephone is wide: the one that is open is in sight
for (const tab of document.querySelectorAll<HTMLElement>(".tabs > [aria-current]")) {
  tab.scrollIntoView({ block: "nearest", inline: "center" });
}
listenToKeys();
listenToTriage();
listenToVerbs();
listenToFilters();
listenToFind();
runClock();
showAir();
keepFresh();
bePresent();
drawTimelines();
listen();
