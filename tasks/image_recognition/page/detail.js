// One photograph in a dialog: the picture, its facts, what is on it, where it was taken, what is like it.

import { addressOf, isBusy, isShown, remove, similarTo } from "./photographs.js";
import { card, day, element, note, size } from "./elements.js";

const find = (id) => document.getElementById(id);
const dialog = find("detail");
let shown = null;

/** Shows a photograph; `page` is told of what happens: `step`, `removed`, `closed`. */
export function open(photograph, page) {
  const isNew = shown?.id !== photograph.id;
  shown = photograph;
  find("name").textContent = photograph.name;
  find("outcome").textContent = isShown(photograph) ? "" : note(photograph);
  find("outcome").className = isBusy(photograph) ? "" : "bad";
  showPicture(photograph);
  find("facts").replaceChildren(facts(photograph));
  find("labelled").replaceChildren(...labelled(photograph));
  showPlace(photograph.place);
  find("delete").disabled = isBusy(photograph);
  if (isNew) {
    find("similar").hidden = true;
    find("refused").textContent = "";
    ask(false);
  }
  if (isShown(photograph)) showSimilar(photograph, page);
  if (!dialog.open) dialog.showModal();
}

/** Says which photograph is open, if one is. */
export const openId = () => (dialog.open ? shown?.id : null);

export const close = () => dialog.close();

export function listen(page) {
  find("close").addEventListener("click", close);
  find("previous").addEventListener("click", () => page.step(-1));
  find("next").addEventListener("click", () => page.step(1));
  find("delete").addEventListener("click", () => ask(true));
  find("keep").addEventListener("click", () => ask(false));
  find("delete-now").addEventListener("click", () => removeShown(page));
  dialog.addEventListener("close", () => page.closed(shown));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") page.step(-1);
    if (event.key === "ArrowRight") page.step(1);
  });
}

function ask(isAsked) {
  find("sure").hidden = !isAsked;
  find("delete").hidden = isAsked;
  if (isAsked) find("keep").focus();
  else if (dialog.open && document.activeElement === document.body) find("delete").focus();
}

async function removeShown(page) {
  const photograph = shown;
  try {
    await remove(photograph);
  } catch (refusal) {
    find("refused").textContent = refusal.message;
    ask(false);
    return;
  }
  page.removed(photograph);
}

function showPicture(photograph) {
  const picture = find("picture");
  picture.hidden = !isShown(photograph);
  const address = isShown(photograph) ? addressOf(photograph, "picture") : "";
  if (picture.getAttribute("src") !== address) picture.setAttribute("src", address);
  if (!address) picture.removeAttribute("src");
  picture.alt = photograph.labels.length ? note(photograph) : photograph.name;
}

function facts(photograph) {
  const rows = [
    ["Taken", day(photograph.taken_at)],
    ["Uploaded", day(photograph.uploaded_at)],
    ["Camera", photograph.camera],
    ["Size", photograph.size ? `${photograph.size.width} × ${photograph.size.height} pixels` : ""],
    ["File", photograph.bytes === null ? "" : `${photograph.format}, ${size(photograph.bytes)}`],
    ["Status", photograph.status.toLowerCase()],
    ...photograph.warnings.map((warning) => ["Warning", warning]),
  ];
  const list = element("dl");
  for (const [name, text] of rows) {
    if (text) list.append(element("dt", { textContent: name }), element("dd", { textContent: text }));
  }
  return list;
}

function* labelled(photograph) {
  if (!isShown(photograph)) return;
  yield element("h3", { textContent: "On it" });
  if (!photograph.labels.length) yield element("p", { className: "quiet", textContent: "Nothing was recognised for sure." });
  for (const { name, confidence, parents, engine } of photograph.labels) {
    const title = [parents.length ? `a kind of ${parents.join(", ")}` : "", `recognised by ${engine}`].filter(Boolean).join("; ");
    const percent = `${Math.round(confidence)} %`;
    yield element(
      "div",
      { className: "label", title },
      element("span", { textContent: name }),
      element("meter", { max: 100, value: confidence, ariaLabel: percent }),
      element("span", { textContent: percent }),
    );
  }
  if (!photograph.colors.length) return;
  const colors = element("p", { ariaLabel: `Colours ${photograph.colors.join(", ")}`, role: "img" });
  for (const hex of photograph.colors) {
    const swatch = element("span", { className: "swatch", title: hex });
    swatch.style.backgroundColor = hex;
    colors.append(swatch);
  }
  yield colors;
}

function showPlace(place) {
  find("where").hidden = !place;
  if (!place) return;
  find("spot").setAttribute("transform", `translate(${place.lon * 10} ${place.lat * -10})`);
  const [latitude, longitude] = [`${Math.abs(place.lat).toFixed(5)}° ${place.lat < 0 ? "south" : "north"}`, `${Math.abs(place.lon).toFixed(5)}° ${place.lon < 0 ? "west" : "east"}`];
  const height = place.altitude_m === null ? "" : `, ${Math.round(place.altitude_m)} m ${place.altitude_m < 0 ? "below" : "above"} the sea`;
  find("position").textContent = `${latitude}, ${longitude}${height}`.replace("-", "");
  find("coordinates").textContent = `A map of the world with the place ${latitude}, ${longitude}`;
}

async function showSimilar(photograph, page) {
  const found = await similarTo(photograph).catch(() => []);
  if (shown?.id !== photograph.id) return;
  find("similar").hidden = !found.length;
  const items = found.map((each) =>
    element("li", {}, card(each.photograph, (other) => page.show(other), `${Math.round(each.likeness * 100)} % alike`)),
  );
  find("similar").querySelector("ul").replaceChildren(...items);
}
