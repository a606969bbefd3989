// What would have avoided that steps ran: told only when the time it cost is worth a change of the Dockerfile.

import type { Change, StepFileChange, VariableChange } from "../executor/index.js";
import type { StepExplanation } from "./explain.js";
import type { BuildRecord, StepRecord } from "./record.js";
import { partsOf } from "./steps.js";

/** Milliseconds: what is quicker needs no advice. */
const WORTH_A_TIP = 1000;

/** Files that nobody means to have in an image. */
const RARELY_MEANT =
  /^(?:\.git|\.idea|\.vscode|node_modules|\.env|.*\.log|.*~|.*\.sw[op]|\.DS_Store|README\b.*|.*\.md)(?:\/|$)/;

/** Files that say which packages to install. */
const MANIFESTS =
  /(?:^|\/)(?:package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|pyproject\.toml|poetry\.lock|go\.(?:mod|sum)|Cargo\.(?:toml|lock)|Gemfile(?:\.lock)?|pom\.xml|build\.gradle|composer\.(?:json|lock))$/;

const INSTALLS =
  /\b(?:npm (?:ci|i|install)|yarn|pnpm|pip3? install|poetry install|go mod download|cargo (?:build|fetch)|bundle install|mvn|gradle|composer install)\b/;

type Explained = Omit<StepExplanation, "tip">;

export function tipFor(explained: Explained, build: BuildRecord): { readonly tip?: string } {
  const { cause, cost, step, followers } = explained;
  if (cause.kind !== "changed") return {};
  const tip =
    fileTip(cause.changes, explained) ??
    (cost >= WORTH_A_TIP ? slowTip(cause.changes, step, followers, build) : undefined);
  return tip === undefined ? {} : { tip };
}

function fileTip(changes: readonly Change[], { step }: Explained): string | undefined {
  const files = filesOf(changes);
  if (files.length === 0 || files.length < changes.length || !isCopy(step)) return undefined;
  const ignorable = files.filter(({ path }) => RARELY_MEANT.test(path));
  if (ignorable.length < files.length) return undefined;
  const names = [...new Set(ignorable.map(({ path }) => path.split("/")[0]!))].slice(0, 3);
  return `Add ${names.map((name) => `"${name}"`).join(", ")} to .dockerignore, if the image does not need ${names.length === 1 ? "it" : "them"}.`;
}

function slowTip(
  changes: readonly Change[],
  step: StepRecord,
  followers: readonly StepRecord[],
  build: BuildRecord,
): string | undefined {
  const files = filesOf(changes);
  const install = followers.find(({ name, duration = 0 }) => INSTALLS.test(name) && duration >= WORTH_A_TIP);
  if (install && files.length > 0 && !files.some(({ path }) => MANIFESTS.test(path))) {
    return `Copy the files that name the packages first, then run "${short(install)}", then copy the rest.`;
  }
  if (files.length > 0 && followers.length > 0) {
    return `Copy what changes often after "${short(followers.at(-1)!)}", or copy only what the steps between need.`;
  }
  const variable = changes.find((change): change is VariableChange => change.kind === "variable");
  if (variable && build.asked.buildArgs.includes(variable.name)) {
    return `Declare ARG ${variable.name} below "${short(step)}", unless that step needs it.`;
  }
  if (changes.some(({ kind }) => kind === "base"))
    return "Pin the base image by its digest, and move it when you mean to.";
  return undefined;
}

function filesOf(changes: readonly Change[]): readonly StepFileChange[] {
  return changes.filter((change): change is StepFileChange => change.kind === "file");
}

function isCopy(step: StepRecord): boolean {
  return /^(?:COPY|ADD)\b/i.test(partsOf(step).text);
}

function short(step: StepRecord): string {
  const { text } = partsOf(step);
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
