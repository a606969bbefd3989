// `--call=outline`: what a target can be given, in the forms of buildx. Cache mounts are tsbuild's addition to the text.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call-outline

import type { Outline, OutlineMount, SourceFile } from "../../index.js";
import { columns } from "./columns.js";
import { json, location, sourceData } from "./json-parts.js";

export function outlineText({ name, description, args, secrets, ssh, caches }: Outline): string {
  const target = [
    ["TARGET:", name ?? "(default)"],
    ...(description === undefined ? [] : [["DESCRIPTION:", description]]),
  ];
  const tables = [
    ...(name !== undefined || description !== undefined ? [columns(target, 1)] : []),
    ...table(
      ["BUILD ARG", "VALUE", "DESCRIPTION"],
      args.map((arg) => [arg.name, arg.value ?? "", arg.description ?? ""]),
    ),
    ...table(["SECRET", "REQUIRED"], secrets.map(mountRow)),
    ...table(["SSH", "REQUIRED"], ssh.map(mountRow)),
    ...table(
      ["CACHE MOUNT"],
      caches.map(({ id }) => [id]),
    ),
  ];
  return tables.map((text) => `${text}\n`).join("");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length > 0 ? [columns([heads, ...rows], 3)] : [];
}

function mountRow({ id, required }: OutlineMount): string[] {
  return [id, required ? "true" : ""];
}

export function outlineJson({ name, description, args, secrets, ssh, caches }: Outline, file: SourceFile): string {
  return json({
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...rows("args", args, ({ uses: _, span, ...arg }) => ({ ...arg, location: location(span) })),
    ...rows("secrets", secrets, mountJson),
    ...rows("ssh", ssh, mountJson),
    ...rows("cache", caches, ({ id, span }) => ({ ID: id, location: location(span) })),
    sources: [sourceData(file)],
  });
}

/** Empty lists are left out. */
function rows<Row>(key: string, list: readonly Row[], toJson: (row: Row) => object): object {
  return list.length > 0 ? { [key]: list.map(toJson) } : {};
}

function mountJson({ id, required, span }: OutlineMount): object {
  return { name: id, ...(required && { required }), location: location(span) };
}
