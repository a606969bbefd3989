// --chmod: octal, or symbolic clauses that are evaluated for each file (S-096).
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/chmod.html

import { TsbuildError } from "../../errors.js";

/** The mode that an entry gets, from the mode that it had. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
const CLASS_BITS: Record<string, number> = { u: 0o4700, g: 0o2070, o: 0o1007 };

/** @throws bad_value for anything but 0 to 07777 or symbolic clauses such as `u=rwX,go=rX`. */
export function parseMode(text: string): ModeChange {
  if (/^0*[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    return () => mode;
  }
  const clauses = text.split(",").map((clause) => parseClause(clause, text));
  return (mode, isDirectory) => clauses.reduce((changed, apply) => apply(changed, isDirectory), mode);
}

function parseClause(clause: string, text: string): ModeChange {
  const [, who = "", actions = ""] = CLAUSE.exec(clause) ?? [];
  if (actions === "") {
    throw new TsbuildError("bad_value", `expected an octal mode up to 07777 or symbolic clauses, found "${text}"`, {
      hint: 'Write the mode as "755" or "u=rwX,go=rX".',
    });
  }
  const mask = classMask(who);
  const steps = [...actions.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)];
  return (mode, isDirectory) =>
    steps.reduce(
      (changed, [, operator, what = ""]) =>
        applyStep(changed, operator!, bitsOf(what, changed, isDirectory) & mask, mask),
      mode,
    );
}

function classMask(who: string): number {
  if (who === "" || who.includes("a")) return 0o7777;
  return [...who].reduce((mask, letter) => mask | CLASS_BITS[letter]!, 0);
}

function applyStep(mode: number, operator: string, bits: number, mask: number): number {
  if (operator === "+") return mode | bits;
  if (operator === "-") return mode & ~bits;
  return (mode & ~mask) | bits;
}

function bitsOf(what: string, mode: number, isDirectory: boolean): number {
  if (what === "u") return copied(mode >> 6);
  if (what === "g") return copied(mode >> 3);
  if (what === "o") return copied(mode);
  let bits = 0;
  for (const letter of what) {
    if (letter === "r") bits |= 0o444;
    if (letter === "w") bits |= 0o222;
    if (letter === "x" || (letter === "X" && (isDirectory || (mode & 0o111) !== 0))) bits |= 0o111;
    if (letter === "s") bits |= 0o6000;
    if (letter === "t") bits |= 0o1000;
  }
  return bits;
}

function copied(bits: number): number {
  return (bits & 7) * 0o111;
}
