// Evaluates expressions with the reference implementation: reads a line of JSON for each,
// {"expr", "data"?, "bindings"?}, and writes {"value"} or {"undefined": true} or {"code"} for it.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const jsonata = createRequire(import.meta.url)("jsonata");
const TIME_LIMIT = 2000;

function bound(expression) {
  // an endless evaluation would stop the whole run
  const end = Date.now() + TIME_LIMIT;
  let steps = 0;
  expression.assign(Symbol.for("jsonata.__evaluate_entry"), () => {
    if (++steps % 64 === 0 && Date.now() > end) {
      throw { code: "U1001" };
    }
  });
}

function plain(value) {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((member) => (member === undefined ? null : plain(member)));
  if (typeof value === "function" || value?._jsonata_function || value?._jsonata_lambda) return { $function: true };
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  }
  return value;
}

// A group-by of an empty array adds a member to that array: let it fail instead of changing its input.
function protect(value) {
  if (Array.isArray(value) && value.length === 0) return Object.freeze(value);
  if (value !== null && typeof value === "object") Object.values(value).forEach(protect);
  return value;
}

async function evaluate({ expr, data, bindings }) {
  try {
    const expression = jsonata(expr);
    bound(expression);
    const value = plain(await expression.evaluate(protect(data), protect(bindings)));
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    return { code: error.code ?? String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await evaluate(JSON.parse(line));
  process.stdout.write(JSON.stringify(result) + "\n");
}
