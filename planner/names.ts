// Names of vertices, as `docker buildx` prints them.

import { formatPlatform, type Platform } from "../oci/index.js";
import type { ResolvedImage } from "./graph.js";
import { type Stage, stageLabel } from "./stages.js";

export interface StepPlace {
  readonly stage: Stage;
  readonly step: number;
  readonly steps: number;
  readonly anonymous: boolean;
  /** Where one graph has steps for several. */
  readonly platform?: Platform;
}

/** `[builder  2/12] RUN npm ci`; without the stage when it is the only one. */
export function stepName({ stage, step, steps, anonymous, platform }: StepPlace, text: string): string {
  const total = String(steps);
  const label = anonymous ? "" : `${stageLabel(stage)} `;
  const prefix = platform ? `${formatPlatform(platform)} ` : "";
  return `[${prefix}${label}${String(step).padStart(total.length)}/${total}] ${text}`;
}

/** `docker.io/library/node:20@sha256:…` */
export function imageName({ reference, manifest }: ResolvedImage): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  return `${reference.registry}/${reference.repository}${tag}@${reference.digest ?? manifest.digest}`;
}

/**
 * BuildKit leaves the name of a lone stage out of its steps, but not when the stage takes files from elsewhere: such a
 * source counts as a stage, and so does the empty source of a cache mount.
 */
export function isAnonymous(stages: readonly Stage[]): boolean {
  const [only, second] = stages;
  return only !== undefined && second === undefined && !only.instructions.some(hasSource);
}

function hasSource(instruction: Stage["instructions"][number]): boolean {
  if (instruction.kind === "COPY") return instruction.from !== undefined;
  if (instruction.kind !== "RUN") return false;
  const options = instruction.mounts.flatMap((mount) => mount.options);
  return options.some(({ key, value }) => key === "from" || (key === "type" && value?.text === "cache"));
}
