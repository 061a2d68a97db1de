// Writes what ECMAScript makes of loosely typed values: node ecmascript_answers.mjs > ecmascript_answers.json
// A line for each value: its JSON text, String(value), parseInt(value, 10), Number(value), whether it is truthy.

const CHOSEN = [
  "null", "true", "false", "0", "-0", "1", "-1", "7.9", "-7.9", "0.1", "1e21", "1e-7", "123456789012345680000",
  "12345678901234567890123", "5e-324", "1.7976931348623157e308", "-1.5e300", "9007199254740993", "0.000001", "1e400",
  '""', '" "', '"10"', '"7.9x"', '"  12 apples"', '"-3"', '"+4"', '"x1"', '"\\u0663"', '"0x10"', '"0b11"', '"0o17"',
  '"-0x10"', '"0xg"', '"1_0"', '"1e3"', '".5"', '"5."', '"."', '"1e"', '"+"', '"--1"', '"Infinity"', '"-Infinity"',
  '"infinity"', '"inf"', '"nan"', '"NaN"', '"\\ufeff5\\u00a0"', '"\\u20035\\u3000"', '"\\u200b5"', '"\\u00855"',
  '"\\t\\n5\\r"', '"1,5"', '"1 2"', '"٣٤"', '"1e1000"', '"00012"', '"true"', '"null"', "[]", "[5]", '["7.9x"]',
  "[[3]]", "[null]", "[1,2]", "[true]", "[0]", "{}", '{"a":1}', "[{}]", '[""]', '[" 4 "]', "[[],[]]", "[1e21]",
];

let state = 20240501;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const pick = (from) => from[Math.floor(random() * from.length)];
const some = (most, make) => Array.from({ length: 1 + Math.floor(random() * most) }, make).join("");
const drawnNumber = () => Number(`${pick(["", "-"])}${some(17, () => pick("0123456789"))}e${Math.floor(random() * 60) - 40}`);
const drawnText = () => some(8, () => pick([..."0123456789..eE+-xXbo _,\u00a0\u2009\ufeffIf"]));
const drawn = Array.from({ length: 400 }, (_, index) => JSON.stringify(index % 2 ? drawnNumber() : drawnText()));

const written = (number) => (Number.isNaN(number) ? "NaN" : String(number));
const lines = [...CHOSEN, ...drawn].map((text) => {
  const value = JSON.parse(text);
  return JSON.stringify([text, String(value), written(parseInt(value, 10)), written(Number(value)), Boolean(value)]);
});
console.log(`[\n${lines.join(",\n")}\n]`);
