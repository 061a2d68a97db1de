// Reads {name: definition} as JSON from standard input, writes {name: [error, ...]} for those that are refused.
const aslValidator = require("asl-validator");

let text = "";
process.stdin.on("data", (part) => (text += part));
process.stdin.on("end", () => {
  const refused = {};
  for (const [name, definition] of Object.entries(JSON.parse(text))) {
    const { isValid, errors } = aslValidator(definition, { checkArn: false });
    if (!isValid) refused[name] = errors.map((error) => error.message ?? JSON.stringify(error));
  }
  process.stdout.write(JSON.stringify(refused));
});
