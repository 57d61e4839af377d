// Writes the official MJML's tables of elements as JSON: what may stand in each, and its attributes with their kinds.
// node scripts/mjml_elements.mjs .venv/node-sdk > assets/mjml/elements.json
import { createRequire } from "node:module";

const found = createRequire(`${process.argv[2]}/`);
found("mjml");
const { components } = found("mjml-core");
const { dependencies } = found("mjml-preset-core");
const elements = {};
for (const name of [...new Set([...Object.keys(components), ...Object.keys(dependencies)])].sort()) {
  const children = dependencies[name] ?? [];
  elements[name] = {
    attributes: components[name]?.allowedAttributes ?? {},
    children: children.every((child) => typeof child === "string") ? children : null,
  };
}
process.stdout.write(`${JSON.stringify(elements, null, 1)}\n`);
