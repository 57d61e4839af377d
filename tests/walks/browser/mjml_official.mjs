// Reads a JSON list of MJML documents and writes what the official renderer makes of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const found = createRequire(`${process.argv[2]}/`)("mjml");
const render = found.default ?? found;
const pages = [];
for (const source of JSON.parse(readFileSync(0, "utf-8"))) {
  const { html, errors } = await render(source, { fonts: {}, validationLevel: "soft" });
  pages.push({ html, faults: errors.map((fault) => fault.formattedMessage) });
}
process.stdout.write(JSON.stringify(pages));
