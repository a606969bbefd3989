// The mounts of a RUN then and now.

import type { LayerChange } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { Change } from "./change.js";
import { rootChange, type RootOptions } from "./compare-roots.js";
import { inputChange } from "./input-change.js";
import { compareLayers } from "./layer-changes.js";

/** What a bind mount shows that is no build context: the content digests of the layers of a stage or an image, by target. */
export type MountedRoots = Readonly<Record<string, readonly Digest[]>>;

export interface MountOptions extends RootOptions, Listings {
  readonly mountedThen?: MountedRoots;
  readonly mountedNow?: MountedRoots;
}

export interface Listings {
  /** Files of a build context, by their content digest; undefined where they are not known. */
  readonly listing?: (content: Digest) => readonly LayerChange[] | undefined;
}

/** As the inputs of a step have it. */
interface MountInput {
  readonly type: string;
  readonly target?: string;
  readonly id?: string;
  readonly content?: Digest;
}

type Pair = readonly [then: MountInput | undefined, now: MountInput | undefined];

/** @param then the `mounts` of a step's inputs; undefined where there were none */
export function compareMounts(then: unknown, now: unknown, options: MountOptions): readonly Change[] {
  const changes = pairs(mountsOf(then), mountsOf(now)).flatMap(([old, current]): readonly Change[] => {
    if (!old || !current) {
      const name = `the ${(old ?? current)!.type} mount`;
      return [inputChange(name, old && nameOf(old), current && nameOf(current))];
    }
    const settings = settingChanges(old, current);
    return old.content === current.content ? settings : [...settings, ...contentChanges(old, current, options)];
  });
  return changes.length > 0 ? changes : [{ kind: "input", name: "the order of mounts" }];
}

/** A mount is the one at the same place, else the next of its type that has no other. */
function pairs(then: readonly MountInput[], now: readonly MountInput[]): readonly Pair[] {
  const left = new Set(then);
  const take = (isIt: (mount: MountInput) => boolean) => {
    const found = [...left].find(isIt);
    if (found) left.delete(found);
    return found;
  };
  const same = now.map((mount) => take((old) => old.type === mount.type && nameOf(old) === nameOf(mount)));
  const moved = now.map((mount, index) => same[index] ?? take((old) => old.type === mount.type));
  return [...now.map((mount, index): Pair => [moved[index], mount]), ...[...left].map((old): Pair => [old, undefined])];
}

function settingChanges(then: MountInput, now: MountInput): readonly Change[] {
  const [old, current] = [then, now] as unknown as readonly Readonly<Record<string, unknown>>[];
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => name !== "content" && old![name] !== current![name])
    .map((name) => inputChange(`${name} of the ${now.type} mount`, old![name], current![name]));
}

function contentChanges(then: MountInput, now: MountInput, options: MountOptions): readonly Change[] {
  const { type: kind, target = "" } = now;
  const unknown = [{ kind: "mount", target }] as const;
  if (kind !== "bind" || !then.content || !now.content) return unknown;
  const [oldRoot, root] = [options.mountedThen?.[then.target ?? ""], options.mountedNow?.[target]];
  if (oldRoot && root) {
    const change = rootChange(oldRoot, root, options);
    return change.kind === "base" ? unknown : [change];
  }
  const [old, current] = [options.listing?.(then.content), options.listing?.(now.content)];
  const files = old && current ? compareLayers(old, current) : [];
  return files.length > 0 ? files : unknown;
}

function nameOf({ target, id }: MountInput): string {
  return target ?? id ?? "";
}

function mountsOf(value: unknown): readonly MountInput[] {
  return Array.isArray(value) ? (value as readonly MountInput[]) : [];
}
