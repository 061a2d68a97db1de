// Nothing that a file or a server says is ever read as HTML: texts are set as texts.
const form = document.getElementById("wanted");
const said = document.getElementById("said");
const shown = document.getElementById("shown");
const picture = document.getElementById("picture");
let made = null;

function say(text, refused = false) {
  said.textContent = text;
  said.classList.toggle("refused", refused);
}

function path(key) {
  return key.split("/").map(encodeURIComponent).join("/");
}

function address() {
  const query = new URLSearchParams();
  for (const field of form.elements) {
    if (!field.name || field.name === "key") continue;
    const value = field.type === "checkbox" ? (field.checked ? "true" : "") : field.value.trim();
    if (value) query.set(field.name, value);
  }
  return `/transform/${path(form.elements.key.value.trim())}?${query}`;
}

async function refusal(answer) {
  try {
    return (await answer.json()).message;
  } catch {
    return answer.statusText || `status ${answer.status}`;
  }
}

async function make() {
  const wanted = address();
  say("It is being made …");
  const begun = performance.now();
  let answer;
  try {
    answer = await fetch(wanted);
  } catch {
    shown.hidden = true;
    return say("Nobody answers.", true);
  }
  if (!answer.ok) {
    shown.hidden = true;
    return say(`${answer.status}: ${await refusal(answer)}`, true);
  }
  const file = await answer.blob();
  const time = performance.now() - begun;
  if (made) URL.revokeObjectURL(made);
  made = URL.createObjectURL(file);
  picture.src = made;
  picture.alt = `What was made of ${form.elements.key.value}`;
  await picture.decode().catch(() => undefined);
  const link = document.getElementById("address");
  link.href = wanted;
  link.textContent = wanted;
  document.getElementById("pixels").textContent = `${picture.naturalWidth} × ${picture.naturalHeight}`;
  document.getElementById("bytes").textContent = `${file.size.toLocaleString("en")} bytes`;
  document.getElementById("type").textContent = file.type;
  document.getElementById("time").textContent = `${Math.round(time)} ms`;
  shown.hidden = false;
  say("");
  history.replaceState(null, "", `#${new URLSearchParams({ address: wanted })}`);
}

async function list() {
  const answer = await fetch("/originals").catch(() => null);
  if (!answer?.ok) return;
  const options = (await answer.json()).map((key) => Object.assign(document.createElement("option"), { value: key }));
  document.getElementById("originals").replaceChildren(...options);
  if (!form.elements.key.value && options.length) form.elements.key.value = options[0].value;
}

function restore() {
  const wanted = new URLSearchParams(location.hash.slice(1)).get("address");
  if (!wanted?.startsWith("/transform/")) return false;
  const found = new URL(wanted, location.origin);
  form.elements.key.value = decodeURIComponent(found.pathname.slice("/transform/".length));
  for (const field of form.elements) {
    if (!field.name || field.name === "key") continue;
    const value = found.searchParams.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value === "true";
    else field.value = value;
  }
  return true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  make();
});

document.getElementById("upload").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  say(`${file.name} is being uploaded …`);
  const answer = await fetch(`/originals/${path(file.name)}`, { method: "PUT", body: file }).catch(() => null);
  if (!answer?.ok) return say(answer ? `${answer.status}: ${await refusal(answer)}` : "Nobody answers.", true);
  form.elements.key.value = file.name;
  await list();
  make();
});

list().then(() => restore() && make());
