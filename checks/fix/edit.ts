// Changes of a text, by lines and columns of the file that was parsed.

/** Replaces characters of one line, or takes a whole line away. Lines and columns count from 1. */
export type Edit = Replacement | { readonly line: number; readonly removed: true };

export interface Replacement {
  readonly line: number;
  readonly column: number;
  /** How many characters are replaced. */
  readonly length: number;
  readonly text: string;
}

/** The text with all edits made. Edits do not overlap. Line ends and a byte order mark stay as they are. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const mark = source.startsWith("\ufeff") ? "\ufeff" : "";
  const byLine = new Map<number, Edit[]>();
  for (const edit of edits) byLine.set(edit.line, [...(byLine.get(edit.line) ?? []), edit]);
  const lines = source.slice(mark.length).split("\n");
  const edited = lines.flatMap((text, index) => editLine(text, byLine.get(index + 1) ?? []));
  return mark + edited.join("\n");
}

/** From right to left, so that columns stay true. */
function editLine(line: string, edits: readonly Edit[]): string[] {
  const replacements = edits.flatMap((edit) => ("removed" in edit ? [] : edit));
  if (replacements.length < edits.length) return [];
  let text = line;
  for (const edit of replacements.sort((a, b) => b.column - a.column)) {
    text = text.slice(0, edit.column - 1) + edit.text + text.slice(edit.column - 1 + edit.length);
  }
  return [text];
}
