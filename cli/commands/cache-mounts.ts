// `tsbuild cache mounts ls|du|export|import|rm`

import {
  type CacheMountSummary,
  exportCacheMounts,
  importCacheMounts,
  listCacheMounts,
  type MovedCacheMount,
  removeCacheMounts,
} from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { parseMountsFrom, parseMountsTo } from "../flags/cache-spec.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { formatBytes } from "../progress/format.js";
import { columns } from "../report/columns.js";
import { json } from "../report/json-parts.js";
import { registryOptions } from "./registry-options.js";
import { storeOptions } from "./store-options.js";

export async function runList({ flags }: Call, { stdout, signal }: Io): Promise<number> {
  const from = flags.text("from");
  const source = from === undefined ? {} : { from: parseMountsFrom(from, "--from") };
  const mounts = await listCacheMounts({ ...source, ...storeOptions(flags), ...registryOptions(flags), signal });
  stdout.write(flags.text("format") === "json" ? json(mounts) : table(mounts));
  return ExitCode.success;
}

export async function runDu({ flags }: Call, { stdout, signal }: Io): Promise<number> {
  const mounts = await listCacheMounts({ sizes: true, ...storeOptions(flags), signal });
  const total = mounts.reduce((sum, { size = 0 }) => sum + size, 0);
  if (flags.text("format") === "json") stdout.write(json({ mounts, total }));
  else stdout.write(`${table(mounts)}Total: ${formatBytes(total)}\n`);
  return ExitCode.success;
}

export async function runExport({ flags, args }: Call, { stdout, signal }: Io): Promise<number> {
  const to = flags.text("to");
  if (to === undefined) throw usageError("where to is not said", 'Add "--to REGISTRY/REPOSITORY:TAG".');
  const options = { ids: args, ...storeOptions(flags), ...registryOptions(flags), signal };
  stdout.write(outcomes(await exportCacheMounts(parseMountsTo(to, "--to"), options)));
  return ExitCode.success;
}

export async function runImport({ flags, args }: Call, { stdout, signal }: Io): Promise<number> {
  const from = flags.text("from");
  if (from === undefined) throw usageError("where from is not said", 'Add "--from REGISTRY/REPOSITORY:TAG".');
  const options = { ids: args, replace: flags.bool("replace"), ...storeOptions(flags), ...registryOptions(flags) };
  stdout.write(outcomes(await importCacheMounts(parseMountsFrom(from, "--from"), { ...options, signal })));
  return ExitCode.success;
}

export async function runRemove({ flags, args }: Call, { stdout }: Io): Promise<number> {
  if (flags.bool("all") === args.length > 0)
    throw usageError("expected ids of cache mounts, or --all", 'List them with "tsbuild cache mounts ls".');
  const removed = await removeCacheMounts(args, storeOptions(flags));
  for (const { id, size = 0 } of removed) stdout.write(`${id}: removed, ${formatBytes(size)}\n`);
  return ExitCode.success;
}

function table(mounts: readonly CacheMountSummary[]): string {
  const rows = mounts.map(({ id, key, mode, uid, gid, size, saved }) => [
    id,
    key.replace(/^(.{12})[0-9a-f]*/, "$1"),
    mode.toString(8),
    `${uid}:${gid}`,
    ...(size === undefined ? [] : [formatBytes(size)]),
    ...(saved === undefined ? [] : [saved]),
  ]);
  const headings = ["ID", "KEY", "MODE", "OWNER", "SIZE", "SAVED"].slice(0, rows[0]?.length ?? 4);
  return columns([headings, ...rows], 3);
}

function outcomes(moved: readonly MovedCacheMount[]): string {
  return moved.map(({ id, outcome }) => `${id}: ${outcome}\n`).join("");
}
