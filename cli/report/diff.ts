// How two images differ, for people and as JSON.

import type { FileChange, ImageDiff } from "../../index.js";
import { printableName } from "../../internal.js";
import { shortSize } from "./docker-units.js";
import { json } from "./json-parts.js";

const SIGNS = { added: "A", removed: "D", changed: "C" };

/** Lines as `docker diff` begins them, with what changed and the sizes; then the config; then a sum. */
export function diffText({ files, config, sizes }: ImageDiff): string {
  const lines = files.map((change) => `${SIGNS[change.kind]} /${printableName(change.path)}${details(change)}`);
  const keys = config.map(({ key, a, b }) => `  ${key}: ${valueText(a)} -> ${valueText(b)}`);
  const [before, after] = sizes;
  return [
    ...lines,
    ...(keys.length > 0 ? ["config:", ...keys] : []),
    `${counts(files)}; files ${shortSize(before)} -> ${shortSize(after)} (${signed(after - before)})`,
    "",
  ].join("\n");
}

function details({ kind, aspects, sizes: [before, after], a, b }: FileChange): string {
  if (kind !== "changed") return a?.type === "file" || b?.type === "file" ? ` (${shortSize(before + after)})` : "";
  const texts: Partial<Record<string, string>> = {
    type: `${a!.type} -> ${b!.type}`,
    content: before === after ? "content" : `content, ${shortSize(before)} -> ${shortSize(after)}`,
    mode: `mode ${a!.mode.toString(8)} -> ${b!.mode.toString(8)}`,
    owner: `owner ${a!.uid}:${a!.gid} -> ${b!.uid}:${b!.gid}`,
    target: `target ${printableName(a!.target ?? "")} -> ${printableName(b!.target ?? "")}`,
  };
  return ` (${aspects.map((aspect) => texts[aspect] ?? aspect).join("; ")})`;
}

function counts(files: readonly FileChange[]): string {
  const kinds = (["added", "removed", "changed"] as const).map(
    (kind) => `${files.filter((change) => change.kind === kind).length} ${kind}`,
  );
  return files.length === 0 ? "no file differs" : kinds.join(", ");
}

function signed(bytes: number): string {
  return `${bytes < 0 ? "-" : "+"}${shortSize(Math.abs(bytes))}`;
}

function valueText(value: unknown): string {
  return value === undefined ? "(none)" : JSON.stringify(value);
}

/** One object; entries without the indexes' own fields. */
export function diffJson({ files, config, sizes }: ImageDiff): string {
  return json({
    files: files.map(({ path, kind, aspects, sizes: [before, after], a, b }) => ({
      path: `/${path}`,
      kind,
      ...(aspects.length > 0 && { aspects }),
      ...(a && { before: fileJson(a, before) }),
      ...(b && { after: fileJson(b, after) }),
    })),
    config: config.map(({ key, a, b }) => ({ key, before: a, after: b })),
    sizes: { before: sizes[0], after: sizes[1] },
  });
}

function fileJson({ type, mode, uid, gid, digest, target }: NonNullable<FileChange["a"]>, size: number): object {
  return {
    type,
    mode: mode.toString(8).padStart(4, "0"),
    uid,
    gid,
    ...(type === "file" && { size, digest }),
    ...(target !== undefined && { target }),
  };
}
