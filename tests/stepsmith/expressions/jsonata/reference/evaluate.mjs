// Evaluates expressions with the reference implementation: reads a line of JSON for each,
// {"expr", "data"?, "bindings"?}, and writes {"value"} or {"undefined": true} or {"code"} for it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// A group-by of an empty array adds a member to that very array, whoever else holds it. This one line is
// changed here: it takes a new array. All else is as published.
const MUTATION = "input.push(undefined);";
const source = readFileSync(createRequire(import.meta.url).resolve("jsonata"), "utf8");
if (!source.includes(MUTATION)) throw new Error("the reference implementation has another text");
const loaded = { exports: {} };
new Function("module", "exports", source.replace(MUTATION, "input = createSequence(undefined);"))(loaded, loaded.exports);
const jsonata = loaded.exports;
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

async function evaluate({ expr, data, bindings }) {
  try {
    const expression = jsonata(expr);
    bound(expression);
    const value = plain(await expression.evaluate(data, bindings));
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    return { code: error.code ?? String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await evaluate(JSON.parse(line));
  process.stdout.write(JSON.stringify(result) + "\n");
}
