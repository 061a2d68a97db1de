// Evaluates expressions with the reference implementation: reads a line of JSON for each,
// {"expr", "data"?, "bindings"?}, and writes {"value"}, {"undefined": true} or {"code", "position", "token"} for it.
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

function isFunction(value) {
  return typeof value === "function" || value?._jsonata_function || value?._jsonata_lambda;
}

// A value as JSON.stringify takes it: without fields that are functions, with null for members that are.
function plain(value) {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (isFunction(value)) return undefined;
  if (Array.isArray(value)) return value.map((member) => plain(member) ?? null);
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).map(([key, member]) => [key, plain(member)]);
    return Object.fromEntries(fields.filter(([, member]) => member !== undefined));
  }
  return value;
}

// The functions are shared, and remember where they were called last: from one expression to the next, too.
const NAMES =
  "sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains " +
  "replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean " +
  "not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle " +
  "distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone";
const FUNCTIONS = await jsonata("[" + NAMES.split(" ").map((name) => "$" + name).join(",") + "]").evaluate();

async function evaluate({ expr, data, bindings }) {
  for (const shared of FUNCTIONS) {
    delete shared.token;
    delete shared.position;
  }
  try {
    const expression = jsonata(expr);
    bound(expression);
    const value = await expression.evaluate(data, bindings);
    if (isFunction(value)) return { value: { $function: true } };
    return value === undefined ? { undefined: true } : { value: plain(value) };
  } catch (error) {
    // an exception of JavaScript, perhaps within $eval
    const cause = error.error ?? error;
    if (cause.code === undefined) return { code: String(cause.message ?? cause) };
    return { code: error.code, position: error.position ?? null, token: plain(error.token) ?? null };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await evaluate(JSON.parse(line));
  process.stdout.write(JSON.stringify(result) + "\n");
}
