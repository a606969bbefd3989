// Lines of a Dockerfile in docker's form, with ">>>" before those meant.

import type { Span } from "../../index.js";

const RULE = "--------------------";

/** The lines, with two more on either side of a single one, fewer around several. */
export function excerpt(file: Span["file"], [first, last]: readonly [number, number]): string {
  const around = last - first >= 4 ? 0 : last > first ? 1 : 2;
  const rows = [`${file.path}:${first}`, RULE];
  const end = Math.min(file.lines.length, last + around);
  for (let line = Math.max(1, first - around); line <= end; line++) {
    const mark = line >= first && line <= last ? ">>>" : "   ";
    rows.push(`${String(line).padStart(4)} | ${mark} ${file.lines[line - 1]}`);
  }
  return [...rows, RULE].join("\n");
}
