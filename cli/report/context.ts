// A build context as text: folders with their sizes, and the lines of the ignore file with what they leave out.

import type { ContextReport, PathReport } from "../../index.js";
import { formatBytes } from "../progress/format.js";

/** Folders that are not listed by themselves are part of the folder above. */
const MOST_FOLDERS = 20;
/** Folders below this one are not listed by themselves. */
const DEEPEST = 3;

export function contextText(name: string, report: ContextReport): string {
  const { bytes, folders, ignored, ignoreFile } = report;
  const files = countFiles(report);
  const counts = new Map(folders.map(({ path }) => [path, files(path)]));
  const rows = [
    [".", bytes, counts.get("")!] as const,
    ...largest(report).map(({ path, bytes: size }) => [`${path}/`, size, counts.get(path)!] as const),
  ];
  return [
    `context ${name}: ${formatBytes(bytes)} in ${plural(report.files, "file")}`,
    "",
    ...rows.map(
      ([path, size, count]) => `${formatBytes(size).padStart(10)} ${plural(count, "file").padStart(13)}  ${path}`,
    ),
    "",
    ...(ignoreFile === undefined ? ["nothing is left out: there is no .dockerignore"] : [`left out by ${ignoreFile}`]),
    ...ignored.map((line) => ignoredRow(line)),
    ...advice(report),
    "",
  ].join("\n");
}

function ignoredRow({ line, pattern, files, bytes }: ContextReport["ignored"][number]): string {
  const what =
    files === 0
      ? "decides nothing"
      : `${formatBytes(bytes)} in ${plural(files, "file")}${pattern.startsWith("!") ? " kept" : ""}`;
  return `${String(line).padStart(6)}  ${pattern}: ${what}`;
}

/** The folders that weigh most, by path. */
function largest({ folders }: ContextReport): ContextReport["folders"][number][] {
  const listed = folders.filter(({ path }) => path !== "" && path.split("/").length <= DEEPEST);
  const heaviest = listed.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_FOLDERS);
  return heaviest.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Counts the files in and below a folder. */
function countFiles({ folders }: ContextReport): (path: string) => number {
  return (path) => {
    const inside = folders.filter(
      (folder) => path === "" || folder.path === path || folder.path.startsWith(`${path}/`),
    );
    return inside.reduce((sum, { list }) => sum + list.length, 0);
  };
}

const RARELY_MEANT = [".git", "node_modules"];

/** Of folders that are a good part of the context, and that no line of the ignore file is about. */
function advice({ folders, bytes, ignored }: ContextReport): string[] {
  const found = folders.filter(({ path, bytes: size }) => isRarelyMeant(path) && size * 10 >= bytes);
  const unnamed = found.filter(({ path }) => !ignored.some(({ pattern }) => pattern.includes(lastName(path))));
  return unnamed
    .slice(0, 3)
    .map(
      ({ path, bytes: size }) =>
        `hint: ${path} is ${formatBytes(size)} of the context; add "${path}" to .dockerignore.`,
    );
}

function isRarelyMeant(path: string): boolean {
  return RARELY_MEANT.includes(lastName(path));
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function pathText({ path, exists, sent, ignoreFile, line, pattern, hint }: PathReport): string {
  const place = line === undefined ? undefined : `${ignoreFile}:${line} "${pattern}"`;
  const reason = place === undefined ? `no line of ${ignoreFile ?? ".dockerignore"} excludes it` : `${place} decides`;
  const state = exists
    ? sent
      ? "is sent"
      : "is not sent"
    : sent
      ? "does not exist"
      : "does not exist, and would not be sent";
  return [`${path} ${state}: ${reason}`, ...(hint === undefined ? [] : [`hint: ${hint}`]), ""].join("\n");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
