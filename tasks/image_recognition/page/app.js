// The album: uploads go in one after the other, and what is not recognised yet is asked for until it is.

import { list, MOST_BYTES, isBusy, show, upload } from "./photographs.js";
import { card, element, size } from "./elements.js";
import * as detail from "./detail.js";

const find = (id) => document.getElementById(id);
const search = find("search");
const photographs = new Map();
const awaited = new Set();
const SOON = 400;
const LATE = 4000;
const AT_ONCE = 6;
let after = null;
let asked = 0;
let uploading = Promise.resolve();

const wanted = () => Object.fromEntries(new FormData(search));
const isSearching = () => Object.values(wanted()).some(Boolean);

async function load(isMore = false) {
  const turn = ++asked;
  let answer;
  try {
    answer = await list(wanted(), isMore ? after : null);
  } catch (refusal) {
    find("found").textContent = `The album cannot be shown: ${refusal.message}.`;
    return;
  }
  if (turn !== asked) return;
  if (!isMore) photographs.clear();
  for (const each of answer.photographs) take(each);
  after = answer.after;
  find("more").hidden = !after;
  draw();
  if (isMore) return;
  if (!isSearching()) for (const id of awaited) if (!photographs.has(id)) look(id);
}

function take(photograph) {
  photographs.set(photograph.id, photograph);
  if (isBusy(photograph)) awaited.add(photograph.id);
  else awaited.delete(photograph.id);
}

function draw() {
  const gallery = find("gallery");
  const focused = document.activeElement?.dataset?.id;
  gallery.replaceChildren(...[...photographs.values()].map((each) => element("li", {}, card(each, open))));
  if (focused && !detail.openId()) gallery.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  const number = photographs.size;
  const some = after ? `The first ${number} photographs` : number === 1 ? "1 photograph" : `${number} photographs`;
  find("found").textContent = number || isSearching() ? `${some}${isSearching() ? " found" : ""}.` : "There is nothing here yet.";
  offer("labels", [...photographs.values()].flatMap((each) => each.labels.flatMap((label) => [label.name, ...label.parents])));
  offer("cameras", [...photographs.values()].map((each) => each.camera));
  const again = photographs.get(detail.openId());
  if (again) detail.open(again, page);
}

function offer(id, names) {
  const options = [...new Set(names.filter(Boolean))].sort().map((value) => element("option", { value }));
  find(id).replaceChildren(...options);
}

function open(photograph) {
  history.replaceState(null, "", `${location.search}#${photograph.id}`);
  detail.open(photograph, page);
}

const page = {
  show: open,
  step(by) {
    const all = [...photographs.values()];
    const place = all.findIndex((each) => each.id === detail.openId());
    const other = all[place + by];
    if (place >= 0 && other) open(other);
  },
  removed(photograph) {
    photographs.delete(photograph.id);
    awaited.delete(photograph.id);
    detail.close();
    draw();
    find("found").textContent = `${photograph.name} is deleted.`;
  },
  closed(photograph) {
    history.replaceState(null, "", location.pathname + location.search);
    find("gallery").querySelector(`[data-id="${CSS.escape(photograph.id)}"]`)?.focus();
  },
};

async function look(id) {
  const photograph = await show(id).catch((refusal) => (refusal.status === 404 ? null : undefined));
  if (photograph === undefined) return;
  const known = photographs.get(id);
  if (photograph === null) {
    photographs.delete(id);
    awaited.delete(id);
  } else if (known || !isSearching()) {
    if (!known) moveToFront(photograph);
    take(photograph);
  } else if (!isBusy(photograph)) {
    awaited.delete(id);
  }
  if (known?.status !== photograph?.status) draw();
}

function moveToFront(photograph) {
  const others = [...photographs];
  photographs.clear();
  photographs.set(photograph.id, photograph);
  for (const [id, each] of others) photographs.set(id, each);
}

async function watch() {
  let pause = SOON;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden || !awaited.size) {
      pause = SOON;
      continue;
    }
    const before = awaited.size;
    await Promise.all([...awaited].slice(0, AT_ONCE).map(look));
    pause = awaited.size < before ? SOON : Math.min(pause * 1.5, LATE);
  }
}

function add(files) {
  uploading = uploading.then(() => send(files));
}

async function send(files) {
  const status = find("status");
  find("unsent").replaceChildren();
  let sent = 0;
  for (const [place, file] of files.entries()) {
    status.textContent = `Sending ${place + 1} of ${files.length} …`;
    try {
      if (!file.size) throw new Error("the file is empty");
      if (file.size > MOST_BYTES) throw new Error(`the file has ${size(file.size)}; ${size(MOST_BYTES)} is the most`);
      const photograph = await upload(file);
      sent += 1;
      awaited.add(photograph.id);
      if (!photographs.has(photograph.id) && !isSearching()) {
        moveToFront(photograph);
        draw();
      }
    } catch (refusal) {
      find("unsent").append(element("li", { textContent: `${file.name}: ${refusal.message}` }));
    }
  }
  status.textContent = sent === 1 ? "1 file was taken." : `${sent} files were taken.`;
}

function listen() {
  const form = find("upload");
  form.addEventListener("submit", (event) => event.preventDefault());
  find("files").addEventListener("change", ({ target }) => {
    add([...target.files]);
    target.value = "";
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  addEventListener("dragleave", () => form.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add([...event.clipboardData.files]);
  });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    load();
  });
  search.addEventListener("reset", () => {
    history.replaceState(null, "", location.pathname);
    setTimeout(load);
  });
  find("more").addEventListener("click", () => load(true));
  detail.listen(page);
}

async function begin() {
  const query = new URLSearchParams(location.search);
  for (const name of ["label", "camera", "since", "until"]) search.elements[name].value = query.get(name) ?? "";
  listen();
  watch();
  const id = location.hash.slice(1);
  await load();
  if (id) {
    const photograph = photographs.get(id) ?? (await show(id).catch(() => null));
    if (photograph) open(photograph);
  }
}

begin();
