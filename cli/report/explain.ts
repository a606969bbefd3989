// Why steps ran, as text: first causes with what changed, and under each what followed.

import {
  type BuildRecord,
  type Change,
  describeChange,
  type Explanation,
  type StepExplanation,
  type StepFileChange,
  type VariableChange,
} from "../../index.js";
import { formatSeconds } from "../progress/format.js";
import { formatAge } from "./builds.js";

/** Files that are listed of one step; the others are counted. */
const MOST_FILES = 20;

export function explanationText({ build, against, steps }: Explanation): string {
  const causes = steps.filter(({ cause }) => cause.kind !== "follows");
  const told = causes.length > 0 ? causes : steps;
  return [...heading(build, against), ...(told.length === 0 ? [nothing(build)] : told.flatMap(causeLines)), ""].join(
    "\n",
  );
}

function heading(build: BuildRecord, against: BuildRecord | undefined): string[] {
  const age = formatAge(Date.now() - Date.parse(build.started));
  const done = build.steps.filter(({ key, status }) => key !== undefined || status === "failed");
  const ran = done.filter(({ status }) => status !== "cached").length;
  const compared = against === undefined ? "there is no earlier build of it" : `compared with ${against.id}`;
  return [
    `build ${build.id} of ${build.asked.context}, ${age} ago, ${compared}`,
    `${ran} of ${done.length} steps ran`,
    "",
  ];
}

function nothing({ status, message, steps }: BuildRecord): string {
  if (status === "done") return "nothing changed";
  const isDone = steps.some(({ key }) => key !== undefined);
  return `${isDone ? "nothing changed" : "no step was done"}; ${ended(status, message)}`;
}

/** What is known of the end of a build that is not done. */
function ended(status: BuildRecord["status"], message: string | undefined): string {
  if (status === "running") return "the build is running";
  const told = message === undefined ? "" : `: ${message}`;
  return `the build ${status === "failed" ? "failed" : `was ${status}`}${told}`;
}

function causeLines(explanation: StepExplanation): string[] {
  const { step, cause, followers, cost, tip } = explanation;
  const took = step.status === "cached" ? "taken from an earlier build" : `ran ${formatSeconds(step.duration ?? 0)}`;
  return [
    `${step.name}  ${took}`,
    ...reasons(cause).map((line) => `  ${line}`),
    ...followers.map(({ name, duration = 0 }) => `  then ran: ${name}  ${formatSeconds(duration)}`),
    ...(followers.length > 0 ? [`  cost: ${formatSeconds(cost)}`] : []),
    ...(tip === undefined ? [] : [`  tip: ${tip}`]),
    "",
  ];
}

function reasons(cause: StepExplanation["cause"]): string[] {
  switch (cause.kind) {
    case "changed":
      return changeLines(cause.changes);
    case "follows":
      return [`follows ${cause.step}`];
    case "new":
      return ["it is new"];
    case "no-cache":
    case "too-old":
    case "other-cache":
    case "lost":
    case "told":
      return [cause.why];
    case "unfinished":
      return ["it was not finished before"];
  }
}

function changeLines(changes: readonly Change[]): string[] {
  const files = changes.filter((change): change is StepFileChange => change.kind === "file");
  const more = files.length - MOST_FILES;
  return [
    ...changes.filter((change) => change.kind !== "file").flatMap(otherLines),
    ...(files.length > 0
      ? [`${files.length} ${files.length === 1 ? "file" : "files"} changed (${counts(files)})`]
      : []),
    ...files.slice(0, MOST_FILES).map(fileLine),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function counts(files: readonly StepFileChange[]): string {
  const numbers = new Map<string, number>();
  for (const { what } of files) numbers.set(what, (numbers.get(what) ?? 0) + 1);
  return [...numbers].map(([what, number]) => `${number} ${WORDS[what] ?? what}`).join(", ");
}

const WORDS: Readonly<Record<string, string>> = { xattrs: "extended attributes" };

const MARKS: Readonly<Record<string, string>> = { added: "+", removed: "-" };

function fileLine({ path, what, from, to }: StepFileChange): string {
  return `  ${MARKS[what] ?? "~"} ${path}  ${WORDS[what] ?? what}${from === undefined ? "" : ` ${from} -> ${to}`}`;
}

function otherLines(change: Exclude<Change, StepFileChange>): string[] {
  switch (change.kind) {
    case "variable":
      return [variableLine(change)];
    case "command":
      return ["the command changed", ...textLines("-", change.from), ...textLines("+", change.to)];
    case "input":
      return [
        change.from === undefined && change.to === undefined
          ? `${change.name} changed`
          : `${change.name} ${quoted(change.from)} -> ${quoted(change.to)}`,
      ];
    default:
      return [describeChange(change)];
  }
}

function variableLine({ name, from, to, isPrivate }: VariableChange): string {
  return `ARG or ENV ${name} ${isPrivate ? "(not shown)" : `${quoted(from)} -> ${quoted(to)}`}`;
}

function textLines(mark: string, text: string): string[] {
  return text.split("\n").map((line) => `  ${mark} ${line}`);
}

function quoted(value: string | undefined): string {
  return value === undefined ? "unset" : `"${value}"`;
}
