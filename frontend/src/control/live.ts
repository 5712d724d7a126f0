/** The live stream: what others do arrives here, and goes on as events of the document. */

export interface Change {
  id: number;
  kind: string;
  subject: string;
  actor: string;
  at: string;
}

export interface Person {
  who: string;
  name: string;
  mode: "read" | "edit";
}

const label = document.querySelector<HTMLElement>("[data-link-state]");
let broken = 0;

function show(text: string | undefined): void {
  if (!label) return;
  label.hidden = !text;
  label.textContent = text ?? "";
}

function say(): void {
  if (!navigator.onLine) show(label?.dataset.offline);
  else if (broken && Date.now() - broken > 2500) show(label?.dataset.again);
  else show(undefined);
}

function tell(name: string, detail: unknown): void {
  document.dispatchEvent(new CustomEvent(`keshen:${name}`, { detail }));
}

export function listen(): void {
  const address = document.body.dataset.live;
  if (!address) return;
  let stream: EventSource | undefined;

  const open = (): void => {
    stream = new EventSource(address);
    stream.onopen = () => {
      if (broken) tell("lost", null);
      broken = 0;
      say();
    };
    stream.onerror = () => {
      broken ||= Date.now();
      setTimeout(say, 2600);
      if (stream?.readyState === EventSource.CLOSED) setTimeout(open, 4000);
    };
    for (const name of ["change", "job", "presence", "lost"]) {
      stream.addEventListener(name, (event) => tell(name, JSON.parse((event as MessageEvent<string>).data)));
    }
  };

  open();
  addEventListener("online", say);
  addEventListener("offline", say);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
}
