// What both pages share: making elements, asking the functions, and saying what happens.

/** Make an element: attributes that begin with "on" are listeners, the rest as they are; children are texts or elements. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((each) => each !== null && each !== undefined));
  return element;
}

/** Ask a function; give what it answers, or throw an Error with its message. */
export async function ask(method, path, body, headers = {}) {
  const isFile = body instanceof Blob;
  const sent = isFile ? { ...headers } : { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const response = await fetch(path, {
    method,
    headers: sent,
    body: body === undefined ? undefined : isFile ? body : JSON.stringify(body),
    cache: "no-store",
  });
  const text = await response.text();
  let found = null;
  try {
    found = text ? JSON.parse(text) : null;
  } catch {
    found = null;
  }
  if (!response.ok) throw new Error(found?.message ?? `the answer is ${response.status}`);
  return found;
}

/** Say something where it is read aloud; bad, good or plain. */
export function say(text, kind = "") {
  const place = document.querySelector(".message");
  place.className = `message ${kind}`;
  place.textContent = text;
}

/** Do something and say what goes wrong. */
export async function trying(what) {
  try {
    return await what();
  } catch (error) {
    say(error.message, "bad");
    return undefined;
  }
}

/** Write a time as people read it. */
export function when(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
