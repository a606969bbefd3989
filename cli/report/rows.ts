// A listing in the format that the user asked for: columns, JSON lines, or a template.
// https://docs.docker.com/engine/cli/formatting/

import { compileTemplate } from "../template/template.js";
import { jsonText } from "../template/value.js";
import { columns } from "./columns.js";

export type Row = Readonly<Record<string, string>>;

export interface Listing {
  /** `table`, `table TEMPLATE`, `json` or a template. */
  readonly format: string;
  /** Headings by field; all fields of a row. */
  readonly headings: Row;
  /** The fields that a table has. */
  readonly shown: readonly string[];
  readonly rows: readonly Row[];
  /** Whether a table has headings. @default true */
  readonly hasHeadings?: boolean;
}

/** As docker's tabwriter has them. */
const GAP = 3;
const LEAST = 10;

/** @throws usage for a template that names what is not there */
export function formatRows({ format, headings, shown, rows, hasHeadings = true }: Listing): string {
  if (format === "json") return rows.map((row) => `${jsonText(row)}\n`).join("");
  const [, isTable, given = ""] = /^(table\b)?\s*(.*)$/s.exec(format.trim())!;
  const template = given === "" && isTable ? shown.map((field) => `{{.${field}}}`).join("\t") : unescaped(given);
  const render = compileTemplate(template);
  if (!isTable) {
    render(headings); // so that a wrong field is told also when there is no row
    return rows.map((row) => `${render(row)}\n`).join("");
  }
  if (!hasHeadings && rows.length === 0) return "";
  return columns(
    [...(hasHeadings ? [headings] : []), ...rows].map((row) => render(row).split("\t")),
    GAP,
    LEAST,
  );
}

/** `\t` and `\n` as a shell passes them on. */
function unescaped(text: string): string {
  return text.replaceAll(String.raw`\t`, "\t").replaceAll(String.raw`\n`, "\n");
}
