// `--call=targets`: the stages that can be built, in the forms of buildx.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call-targets

import type { SourceFile, Target } from "../../index.js";
import { columns } from "./columns.js";
import { json, location, sourceData } from "./json-parts.js";

export function targetsText(targets: readonly Target[]): string {
  return columns([["TARGET", "DESCRIPTION"], ...targets.map((target) => [label(target), target.description ?? ""])], 1);
}

function label({ name, default: isDefault }: Target): string {
  if (!isDefault) return name!;
  return name === undefined ? "(default)" : `${name} (default)`;
}

export function targetsJson(targets: readonly Target[], file: SourceFile): string {
  return json({ targets: targets.map(targetRow), sources: [sourceData(file)] });
}

function targetRow({ span, default: isDefault, ...target }: Target): object {
  return { ...target, ...(isDefault && { default: true }), location: location(span) };
}
