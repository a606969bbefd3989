// How many columns of a terminal a text takes, and texts made to fit.
// https://www.unicode.org/reports/tr11/

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\x20-\x7e]*$/;
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const CONTROLS = /\p{Cc}/gu;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u;

/** Columns of a text without escape sequences. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** At most `columns` columns of `text`, with "…" at the end when something was cut off. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** A line of a program's output without what would move the cursor or change colours; tabs become blanks. */
export function printable(text: string): string {
  return ASCII.test(text) ? text : text.replaceAll("\t", "    ").replace(ESCAPES, "").replace(CONTROLS, "");
}

function widthOfCharacter(character: string): number {
  if (character <= "\x7e") return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
