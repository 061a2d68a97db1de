// The editors' page: what there is, what readers may see of it, and taking new things in.
import { ask, make, say, trying, when } from "../elements.js";

const API = "/api/content";
const SIZE = 20;
const search = document.getElementById("search");
const dialog = document.getElementById("item");
const editor = document.getElementById("editor");
let offset = 0;

const headers = () => ({ "x-editor": editor.value.replace(/[^\x20-\x7e]/g, "?").trim() || "unnamed" });

async function load() {
  const given = new FormData(search);
  const asked = new URLSearchParams({ q: given.get("q"), state: given.get("state"), limit: SIZE, offset });
  const page = await trying(() => ask("GET", `${API}/admin/items?${asked}`));
  if (!page) return;
  document.getElementById("rows").replaceChildren(...page.items.map(row));
  document.getElementById("total").textContent = `${page.total} articles`;
  document.getElementById("back").disabled = offset === 0;
  document.getElementById("on").disabled = offset + SIZE >= page.total;
}

function row(item) {
  const isOut = item.edits.published === false;
  return make(
    "tr",
    {},
    make("td", {}, item.title, make("p", { class: "meta" }, [item.source, when(item.published_at)].join(" · "))),
    make("td", {}, item.topics.join(", ")),
    make("td", {}, item.suitability),
    make("td", {}, item.duplicate_of ? "no: the same as another" : item.is_shown ? "yes" : "no"),
    make(
      "td",
      { class: "bar" },
      make("button", { type: "button", onclick: () => open(item.id) }, "Open"),
      make("button", { type: "button", onclick: () => edit(item.id, { published: isOut }) }, isOut ? "Publish" : "Turn off"),
      make("button", { type: "button", onclick: () => edit(item.id, {
        suitability: item.suitability === "everyone" ? "grown-ups" : "everyone",
      }) }, item.suitability === "everyone" ? "Not for students" : "For everyone"),
    ),
  );
}

async function edit(id, edits) {
  const found = await trying(() => ask("PATCH", `${API}/admin/items/${id}`, edits, headers()));
  if (!found) return;
  say("Changed; it holds from now on.", "good");
  await load();
}

async function open(id) {
  const found = await trying(() => ask("GET", `${API}/admin/items/${id}`));
  if (!found) return;
  const { article, changes } = found;
  const { content, edits } = article;
  const topics = make("input", { name: "topics", size: 40, value: (edits.topics ?? [...content.topics, ...article.seen_topics]).join(", ") });
  const boost = make("input", { name: "boost", type: "range", min: -1, max: 1, step: 0.1, value: edits.boost ?? 0 });
  let focal = edits.focal;
  const form = make(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        const said = topics.value.split(",").map((each) => each.trim().toLowerCase().replaceAll(" ", "-")).filter(Boolean);
        await edit(id, { topics: said, boost: Number(boost.value), ...(focal ? { focal } : {}) });
        dialog.close();
      },
    },
    make("p", {}, make("label", {}, "Topics", topics)),
    make("p", {}, make("label", {}, "Less or more often", boost)),
    content.media.some((each) => each.key) ? picture(id, focal, (point) => (focal = point)) : "",
    make(
      "p",
      { class: "bar" },
      make("button", { class: "main" }, "Change"),
      make("button", { type: "button", onclick: () => edit(id, { topics: null, boost: null, focal: null, suitability: null, published: null }).then(() => dialog.close()) }, "Take back all changes"),
      make("button", { type: "button", onclick: () => dialog.close() }, "Close"),
    ),
  );
  dialog.replaceChildren(
    make("h2", { id: "title" }, content.title),
    make("p", { class: "meta" }, [content.source, when(content.published_at), content.address ?? "no address"].join(" · ")),
    ...content.warnings.map((each) => make("p", { class: "help" }, each)),
    make("p", {}, content.summary),
    form,
    make("h2", {}, "Changes"),
    changes.length
      ? make("ul", {}, changes.map((each) => make("li", {}, `${when(each.at)}, ${each.editor}: ${JSON.stringify(each.edits)}`)))
      : make("p", { class: "help" }, "None."),
  );
  dialog.showModal();
}

/** A picture on which the point that has to be seen is set, by the pointer or by the arrow keys. */
function picture(id, focal, chosen) {
  const point = { x: 0.5, y: 0.5, ...focal };
  const mark = make("span", { class: "focus" });
  const show = () => {
    mark.style.left = `${100 * point.x}%`;
    mark.style.top = `${100 * point.y}%`;
  };
  const set = (x, y) => {
    point.x = Math.min(Math.max(x, 0), 1);
    point.y = Math.min(Math.max(y, 0), 1);
    chosen({ x: Number(point.x.toFixed(3)), y: Number(point.y.toFixed(3)) });
    show();
  };
  const steps = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02] };
  const image = make("img", { src: `${API}/items/${id}/picture`, alt: "The picture of this article" });
  image.addEventListener("error", () => frame.replaceChildren("Its picture cannot be shown."));
  show();
  const frame = make(
    "div",
    {
      class: "picture", tabindex: 0, role: "application", "aria-label": "Where to look: arrow keys move the point",
      onclick: (event) => {
        const box = frame.getBoundingClientRect();
        set((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      },
      onkeydown: (event) => {
        const step = steps[event.key];
        if (!step) return;
        event.preventDefault();
        set(point.x + step[0], point.y + step[1]);
      },
    },
    image,
    mark,
  );
  image.style.aspectRatio = "auto";
  return frame;
}

/** Wait until a run has ended, and say how. */
async function follow(started) {
  say("It is being taken in …");
  for (let asked = 0; asked < 60; asked += 1) {
    await new Promise((go) => setTimeout(go, 500));
    const run = await ask("GET", `${API}/runs/${started.run}`).catch(() => null);
    if (!run || run.status === "RUNNING") continue;
    const counts = Object.entries(run.outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    say([run.status, counts, run.reason, ...run.warnings.slice(0, 5)].filter(Boolean).join("; "), run.status === "COMPLETE" ? "good" : "bad");
    return load();
  }
  say("It takes longer than half a minute; look again later.", "bad");
}

document.getElementById("feed").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  trying(async () => follow(await ask("PUT", `${API}/feeds/${given.get("source")}`, given.get("file"))));
});
document.getElementById("written").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  const file = given.get("picture");
  trying(async () => {
    const pictures = file.size ? [(await ask("POST", `${API}/media`, file)).key] : [];
    const article = { source: given.get("source"), title: given.get("title"), text: given.get("text"), pictures };
    await follow(await ask("POST", `${API}/articles`, { ...article, published_at: new Date().toISOString() }));
    event.target.reset();
  });
});
search.addEventListener("submit", (event) => {
  event.preventDefault();
  offset = 0;
  load();
});
document.getElementById("back").addEventListener("click", () => { offset = Math.max(0, offset - SIZE); load(); });
document.getElementById("on").addEventListener("click", () => { offset += SIZE; load(); });
editor.value = localStorage.getItem("editor") ?? "";
editor.addEventListener("change", () => localStorage.setItem("editor", editor.value));
load();
