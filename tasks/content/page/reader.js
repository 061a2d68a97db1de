// A reader's page: the feed with its reasons, search, one article, and what is known of the reader.
import { ask, make, say, trying, when } from "./elements.js";

const API = "/api/content";
const list = document.getElementById("list");
const more = document.getElementById("more");
const students = document.getElementById("students");
const article = document.getElementById("article");
const profile = document.getElementById("profile");
let query = "";
let cursor = null;
let opened = null;

/** The reader: 32 hex digits that this browser has drawn; whoever has them reads this profile. */
function reader() {
  let found = localStorage.getItem("reader");
  if (!/^[0-9a-f]{32}$/.test(found ?? "")) {
    const drawn = crypto.getRandomValues(new Uint8Array(16));
    found = Array.from(drawn, (byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("reader", found);
  }
  return found;
}

const headers = () => ({ "x-reader": reader() });
const audience = () => (students.checked ? "students" : "everyone");

async function load(isMore = false) {
  const asked = new URLSearchParams({ audience: audience(), limit: "20" });
  if (isMore && cursor) asked.set("cursor", cursor);
  if (query && !isMore) asked.set("q", query);
  const page = await trying(() => ask("GET", `${API}/${query ? "items" : "feed"}?${asked}`, undefined, headers()));
  if (!page) return;
  if (!isMore) list.replaceChildren();
  const cards = page.items.map(card);
  list.append(...cards);
  cursor = page.cursor;
  more.hidden = !cursor;
  document.getElementById("heading").textContent = query ? `Found for “${query}”` : "For you";
  say(list.children.length ? "" : query ? "Nothing has all of these words." : "There is nothing to read yet.");
  if (isMore) cards[0]?.querySelector("button").focus();
}

function card(item) {
  const title = make("button", { type: "button", lang: item.lang || null, onclick: () => open(item) }, item.title);
  const made = make(
    "li",
    { class: "card" },
    make("h2", {}, title),
    item.has_picture ? make("img", { src: `${API}/items/${item.id}/picture?audience=${audience()}`, alt: "", loading: "lazy" }) : null,
    make("p", { class: "meta" }, [item.source, when(item.published_at), ...item.topics].join(" · ")),
    item.summary ? make("p", { lang: item.lang || null }, item.summary) : null,
    item.why.length ? make("ul", { class: "why", "aria-label": "Why this is here" }, item.why.map((each) => make("li", {}, each))) : null,
  );
  made.item = item;
  return made;
}

async function open(item) {
  const found = await trying(() => ask("GET", `${API}/items/${item.id}?audience=${audience()}`));
  if (!found) return;
  opened = { id: item.id, at: Date.now() };
  const body = make("div", { class: "body", lang: found.lang || null });
  // cleaned when it was taken in; scripts would not run in this page anyway
  body.innerHTML = found.html;
  const picture = found.has_picture
    ? make("img", { src: `${API}/items/${item.id}/picture?audience=${audience()}`, alt: found.picture_alt })
    : null;
  if (picture && found.focal) picture.style.objectPosition = `${100 * found.focal.x}% ${100 * found.focal.y}%`;
  article.replaceChildren(
    make("h2", { id: "title", lang: found.lang || null }, found.title),
    make("p", { class: "meta" }, [found.source, when(found.published_at)].join(" · ")),
    picture ?? "",
    body,
    make("p", {}, found.topics.map((each) => make("span", { class: "chip" }, each))),
    make(
      "div",
      { class: "bar" },
      make("button", { type: "button", onclick: (event) => press(event, item.id, "like") }, "Like"),
      make("button", { type: "button", onclick: (event) => press(event, item.id, "skip") }, "Less of this"),
      found.address ? make("a", { href: found.address, rel: "noopener noreferrer", target: "_blank" }, "At its source") : null,
      make("button", { type: "button", class: "main", onclick: () => article.close() }, "Close"),
    ),
  );
  article.showModal();
  article.scrollTop = 0;
  touch(item.id, "view");
}

async function press(event, id, kind) {
  event.target.setAttribute("aria-pressed", "true");
  if (await touch(id, kind)) say(kind === "like" ? "Noted: you like this." : "Noted: less of this.", "good");
}

/** Note what the reader does; nothing is noted of who has opted out. */
async function touch(content, kind, ms = 0) {
  const touches = [{ content, kind, ms: Math.min(Math.round(ms), 86400000), at: new Date().toISOString() }];
  return trying(() => ask("POST", `${API}/touches`, { touches }, headers()));
}

article.addEventListener("close", () => {
  if (opened && Date.now() - opened.at > 2000) touch(opened.id, "dwell", Date.now() - opened.at);
  opened = null;
});

async function known() {
  const [found, topics] = (await trying(() => Promise.all([
    ask("GET", `${API}/profile`, undefined, headers()),
    ask("GET", `${API}/topics?audience=${audience()}`),
  ]))) ?? [];
  if (!found) return;
  const most = Math.max(1, ...Object.values(found.weights));
  const weights = Object.entries(found.weights).flatMap(([topic, weight]) => [
    make("span", {}, topic),
    make("meter", { min: 0, max: most, value: Math.max(0, weight), "aria-label": `${topic}: ${weight}` }),
    make("span", {}, weight.toFixed(1)),
  ]);
  const all = [...new Set([...found.interests, ...topics.map((each) => each.topic)])].slice(0, 20);
  const chosen = all.map((topic) => make("label", {}, make("input", {
    type: "checkbox", value: topic, checked: found.interests.includes(topic), onchange: choose,
  }), topic));
  profile.replaceChildren(
    make("h2", { id: "known" }, "What is known of you"),
    make("p", { class: "help" }, "Kept under a number that this browser has drawn. Half of what you read counts no more after two weeks."),
    weights.length ? make("div", { class: "weights" }, weights) : make("p", {}, "Nothing yet."),
    make("fieldset", {}, make("legend", {}, "I want to read about"), make("div", { class: "bar" }, chosen)),
    make("p", {}, make("label", {}, make("input", {
      type: "checkbox", checked: found.opted_out, onchange: (event) => change({ opted_out: event.target.checked }),
    }), "Do not note what I read, and do not use it")),
    make(
      "div",
      { class: "bar" },
      make("button", { type: "button", class: "danger", onclick: forget }, "Forget me"),
      make("button", { type: "button", class: "main", onclick: () => profile.close() }, "Close"),
    ),
  );
  profile.showModal();
}

const choose = () => change({ interests: [...profile.querySelectorAll("fieldset input:checked")].map((each) => each.value) });

async function change(wishes) {
  if (await trying(() => ask("PUT", `${API}/profile`, wishes, headers()))) say("Noted.", "good");
}

async function forget() {
  const found = await trying(() => ask("DELETE", `${API}/profile`, undefined, headers()));
  if (!found) return;
  localStorage.removeItem("reader");
  profile.close();
  say(`Forgotten: the profile and ${found.erased} things that you did.`, "good");
}

profile.addEventListener("close", () => load());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || article.open || profile.open) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const cards = [...list.children];
  const here = cards.findIndex((each) => each.contains(document.activeElement));
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    const next = cards[Math.min(Math.max(here + (key === "j" ? 1 : -1), 0), cards.length - 1)];
    next?.querySelector("button").focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if ((key === "l" || key === "s") && here >= 0) {
    touch(cards[here].item.id, key === "l" ? "like" : "skip").then((done) => done && say(key === "l" ? "Noted: you like this." : "Noted: less of this.", "good"));
  } else if (key === "/") {
    document.querySelector("input[type=search]").focus();
  } else return;
  event.preventDefault();
});

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  query = new FormData(event.target).get("q").trim();
  load();
});
more.addEventListener("click", () => load(true));
students.checked = localStorage.getItem("audience") === "students";
students.addEventListener("change", () => {
  localStorage.setItem("audience", audience());
  load();
});
document.getElementById("me").addEventListener("click", known);
load();
