// Writes what ECMAScript makes of loosely typed values: node ecmascript_answers.mjs > ecmascript_answers.json
// Of values: their JSON text, String(value), parseInt(value, 10), Number(value), whether they are truthy;
// of texts: whether JSON.parse takes them; of keys: what decodeURIComponent makes of them, null where it throws.

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
const values = [...CHOSEN, ...drawn].map((text) => {
  const value = JSON.parse(text);
  return [text, String(value), written(parseInt(value, 10)), written(Number(value)), Boolean(value)];
});

const TEXTS = [
  "", " ", "null", " null\n", "\ufeffnull", "\u00a01", "NaN", "Infinity", "-Infinity", "undefined", "01", "1.", ".5", "+1", "-", "-0",
  "1e5", "1E+5", "1e", "0x10", "1_0", "\u0661", "[1,]", "[,1]", "[1 2]", "{}", '{"a":1,"a":2}', "{a:1}", "{'a':1}", '{"a":1,}', '"a',
  '"\\x"', '"\\u12"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\u2028"', '"\u0001"', '"\t"', '"\\/"', "true", "True", "TRUE", "tru", "[[]]", "[}",
  "//", "1//", "/*a*/1", "1\u0000", "1;", '"a"b', "[1]]", "\v1", "\f1", "1\u2028",
];
const tokens = ["{", "}", "[", "]", ",", ":", '"a"', '"', "1", "-", "0", ".5", "e3", "null", "true", " ", "\n", "\\", "\u00a0"];
const jsons = [...TEXTS, ...Array.from({ length: 400 }, () => some(9, () => pick(tokens)))];
const accepts = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const KEYS = [
  "a", "a%20b", "a+b", "100%25", "%", "%2", "%2G", "%zz", "%C3%BC", "%c3%bc", "%C3", "%C3%28", "%C0%80", "%ED%A0%80", "%F0%9F%98%80",
  "%F8%88%80%80%80", "%E2%82%AC", "%e2%82", "%00", "%2F", "%3F%23", "\u00fc", "\u{1f600}", "a%%20", "%25%20", "%7E", "%FF", "%C2%80",
];
const escapes = ["a", "%", "%2", "%20", "%C3", "%BC", "%E2", "%82", "%AC", "%ED", "%A0", "%F0", "%9F", "%98", "%80", "\u00fc"];
const keys = [...KEYS, ...Array.from({ length: 300 }, () => some(5, () => pick(escapes)))];
const decoded = (key) => {
  try {
    return decodeURIComponent(key);
  } catch {
    return null;
  }
};

const listed = (items) => `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]`;
console.log(`{
"values": ${listed(values)},
"json": ${listed(jsons.map((text) => [text, accepts(text)]))},
"keys": ${listed(keys.map((key) => [key, decoded(key)]))}
}`);
