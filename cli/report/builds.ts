// Past builds as tables.

import type { BuildRecord, StepRecord } from "../../index.js";
import { formatBytes, formatSeconds } from "../progress/format.js";
import { columns } from "./columns.js";

export function buildsTable(builds: readonly BuildRecord[]): string {
  const rows = builds.map((build) => [
    build.id,
    build.status,
    ageOf(build),
    durationOf(build),
    cachedOf(build),
    nameOf(build),
  ]);
  return columns([["BUILD", "STATUS", "STARTED", "TIME", "CACHED", "OF"], ...rows], 3);
}

/** One build with its steps. */
export function buildText(build: BuildRecord): string {
  const { id, asked, imageId, message } = build;
  const head = [
    `${id}  ${build.status}  ${ageOf(build)}  ${durationOf(build)}`,
    `  context     ${asked.context}`,
    ...field("Dockerfile", asked.dockerfile),
    ...field("target", asked.target),
    ...field("platform", asked.platform),
    ...field("tags", asked.tags.join(", ")),
    ...field("build args", asked.buildArgs.join(", ")),
    ...field("image", imageId),
    ...field("message", message),
    "",
  ];
  return `${head.join("\n")}\n${columns([["STATUS", "TIME", "LAYER", "STEP"], ...build.steps.map(stepRow)], 3)}`;
}

function stepRow(step: StepRecord): string[] {
  const time = step.duration === undefined ? "" : formatSeconds(step.duration);
  return [
    step.status,
    time,
    step.layer ? formatBytes(step.layer.size) : "",
    step.why === undefined ? step.name : `${step.name}  (${step.why})`,
  ];
}

function field(name: string, value: string | undefined): string[] {
  return value === undefined || value === "" ? [] : [`  ${name.padEnd(11)} ${value}`];
}

function nameOf({ asked }: BuildRecord): string {
  const target = asked.target === undefined ? "" : ` (${asked.target})`;
  return `${asked.tags[0] ?? asked.context}${target}`;
}

function cachedOf({ steps }: BuildRecord): string {
  const done = steps.filter(({ key }) => key !== undefined);
  return done.length === 0 ? "" : `${done.filter(({ status }) => status === "cached").length}/${done.length}`;
}

function durationOf({ started, ended }: BuildRecord): string {
  return ended === undefined ? "" : formatSeconds(Date.parse(ended) - Date.parse(started));
}

function ageOf({ started }: BuildRecord): string {
  return `${formatAge(Date.now() - Date.parse(started))} ago`;
}

/** `12s`, `5m`, `3h`, `2d` */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
