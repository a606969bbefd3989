// `--check --format=sarif`: a log for code scanning.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

import { type CheckResult, LINT_RULES, type Span, version } from "../../index.js";
import { json } from "./json-parts.js";

export function checkSarif({ warnings, error }: CheckResult): string {
  const errors = error ? [error, ...error.others] : [];
  const results = [
    ...errors.map(({ code, message, span }) => result("error", code, message, span)),
    ...warnings.map(({ rule, message, span }) => result("warning", rule, message, span)),
  ];
  return json({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: driver(errors.map(({ code }) => code)) }, columnKind: "utf16CodeUnits", results }],
  });
}

function driver(codes: readonly string[]): object {
  const rules = LINT_RULES.map(({ name, description }) => ({ id: name, shortDescription: { text: description } }));
  const errors = [...new Set(codes)].map((code) => ({
    id: code,
    shortDescription: { text: `The build fails: ${code}` },
  }));
  return { name: "tsbuild", version, rules: [...rules, ...errors] };
}

function result(level: string, ruleId: string, message: string, { file, line, column, length }: Span): object {
  const region = { startLine: line, startColumn: column, endLine: line, endColumn: column + length };
  const artifactLocation = { uri: encodeURI(file.path) };
  return { ruleId, level, message: { text: message }, locations: [{ physicalLocation: { artifactLocation, region } }] };
}
