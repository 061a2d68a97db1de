// Evaluates expressions with the reference implementation: one JSON object {text, values} on each line.
const jsonata = require('jsonata');
const lines = require('readline').createInterface({ input: process.stdin, crlfDelay: Infinity });

(async () => {
  for await (const line of lines) {
    const { text, values } = JSON.parse(line);
    let answer;
    try {
      const result = await jsonata(text).evaluate(undefined, values);
      answer = result === undefined ? { failed: 'undefined' } : { result };
    } catch (error) {
      answer = { failed: `${error.code}: ${error.message}` };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
})();
