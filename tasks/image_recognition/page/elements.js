// Elements with their texts, and the words for what is known of a photograph. Nothing is ever read as HTML.

import { addressOf, isBusy, isShown } from "./photographs.js";

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function labelsOf(photograph) {
  return photograph.labels.map((each) => each.name).join(", ");
}

export function day(text) {
  return text ? text.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC") : "";
}

export function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** Says in a line how a photograph is doing. */
export function note(photograph) {
  switch (photograph.status) {
    case "WAITING":
      return "waits for its turn …";
    case "RUNNING":
      return "is being recognised …";
    case "REFUSED":
      return `refused: ${photograph.reason ?? "no reason is known"}`;
    case "FAILED":
      return `failed: ${photograph.reason ?? "no reason is known"}`;
    default:
      return labelsOf(photograph) || "nothing recognised";
  }
}

/** The button that opens a photograph; `more` is said below it. */
export function card(photograph, open, more = "") {
  const frame = element("span", { className: isBusy(photograph) ? "frame busy" : "frame" });
  if (isShown(photograph) && photograph.thumbnail) {
    const { width, height } = photograph.thumbnail;
    frame.append(element("img", { src: addressOf(photograph, "thumbnail"), alt: "", width, height, loading: "lazy" }));
  } else {
    frame.append(isBusy(photograph) ? "…" : "no picture");
  }
  const isBad = photograph.status === "REFUSED" || photograph.status === "FAILED";
  const button = element(
    "button",
    { type: "button", className: "card" },
    frame,
    element("span", { className: "title", textContent: photograph.name }),
    element("span", { className: isBad ? "note bad" : "note", textContent: more || note(photograph) }),
  );
  button.dataset.id = photograph.id;
  button.dataset.status = photograph.status;
  button.addEventListener("click", () => open(photograph));
  return button;
}
