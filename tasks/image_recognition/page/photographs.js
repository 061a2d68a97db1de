// What the page asks of the HTTP functions beside it. Whatever comes back is text, and is shown as text.

export const MOST_BYTES = 4 * 1024 * 1024;
const HOME = "/photographs";

export const isBusy = (photograph) => photograph.status === "WAITING" || photograph.status === "RUNNING";
export const isShown = (photograph) => photograph.status === "SUCCEEDED" || photograph.status === "PARTIAL";
export const addressOf = (photograph, part) => `${HOME}/${encodeURIComponent(photograph.id)}/${part}`;

/** Says why a request was refused, in the server's words. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: AbortSignal.timeout(60000) });
  } catch {
    throw new Refused(0, "the server does not answer");
  }
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, String(content?.message ?? `the server says ${answer.status}`));
  return content;
}

export const list = (wanted, after) => {
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  if (after) query.set("after", after);
  return ask(`${HOME}?${query}`);
};

export const show = (id) => ask(`${HOME}/${encodeURIComponent(id)}`);

export const similarTo = (photograph) => ask(addressOf(photograph, "similar"));

export const remove = (photograph) => ask(`${HOME}/${encodeURIComponent(photograph.id)}`, { method: "DELETE" });

export const upload = (file) =>
  ask(`${HOME}?${new URLSearchParams({ name: file.name.slice(-100) })}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });
