// The mounts that the step asks for, and the files that every step gets.

import { statSync } from "node:fs";
import { posix } from "node:path";
import { prepareOverlay } from "../overlay.js";
import type { Privilege } from "../privilege.js";
import type { SandboxMount, SandboxOverlay, SandboxSpec } from "../runtime.js";
import { tmpfsOptions } from "../tmpfs.js";
import * as linux from "./linux.js";
import { type Operation, attempt, mount, operation } from "./operation.js";
import { servedRoot } from "./enter-root.js";
import { attachSecret } from "./secret.js";
import { type TreeSlots, attach, hold } from "./trees.js";

/** hosts and resolv.conf come first: a step may mount over them. */
function allMounts(spec: SandboxSpec): SandboxMount[] {
  return [
    { type: "bind", source: spec.hosts, target: "/etc/hosts", readonly: true },
    { type: "bind", source: spec.resolvConf, target: "/etc/resolv.conf", readonly: true },
    ...spec.mounts,
  ];
}

const slotKey = (source: string, index: number): string => `${source} (mount ${index})`;

export function holdStepMounts(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  return allMounts(spec).flatMap((step, index) => {
    if (step.type === "bind") return [hold(trees, slotKey(step.source, index), step.source)];
    return step.type === "overlay" ? holdOverlay(step, slotKey(step.source, index), privilege, trees) : [];
  });
}

/** Mounted where the host's paths still are, and held; the mount itself is hidden when the root changes. */
function holdOverlay(step: SandboxOverlay, key: string, privilege: Privilege, trees: TreeSlots): Operation[] {
  const point = servedRoot(step);
  return [
    ...(step.snapshotter === "fuse-overlayfs" ? [] : mountOverlay(step, point, privilege)),
    operation(
      `open the source of the mount at ${step.target}`,
      "tree",
      trees.add(key),
      step.source === "" ? point : `${point}/${step.source}`,
    ),
  ];
}

function mountOverlay(step: SandboxOverlay, point: string, privilege: Privilege): Operation[] {
  const data = prepareOverlay(step, { userxattr: privilege.kind !== "root" });
  return [
    operation(`change to ${step.scratch}`, "chdir", step.scratch),
    operation(`make ${point}`, "mkdir", point, 0o755),
    { ...mount("overlay", point, "overlay", linux.MS_NODEV, data), purpose: `mount overlay for ${step.target}` },
  ];
}

export function attachStepMounts(spec: SandboxSpec, privilege: Privilege, trees: TreeSlots): Operation[] {
  const mounts = allMounts(spec);
  return mounts.flatMap((step, index) => {
    const above = mounts.slice(0, index).map(({ target }) => target);
    return [...mountPoint(step, ["/dev", ...above]), ...attachOne(step, { spec, privilege, index, trees })];
  });
}

interface Place {
  readonly spec: SandboxSpec;
  readonly privilege: Privilege;
  readonly index: number;
  readonly trees: TreeSlots;
}

function attachOne(step: SandboxMount, place: Place): Operation[] {
  if (step.type === "secret") return attachSecret(step, place);
  if (step.type === "tmpfs")
    return [mount("tmpfs", step.target, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, tmpfsOptions(step))];
  const isDevice = step.type === "bind" && step.device === true;
  const noDevices = place.spec.confined && !isDevice ? linux.ATTRIBUTE_NODEV : 0;
  const attributes = (step.readonly ? linux.ATTRIBUTE_RDONLY : 0) | noDevices;
  const attached = attach(place.trees, slotKey(step.source, place.index), step.target, attributes);
  return [{ ...attached, purpose: `make the mount at ${step.target}` }];
}

/** Below another mount the root's own mount points are hidden: there they are made, and vanish with that mount. */
function mountPoint(step: SandboxMount, above: readonly string[]): Operation[] {
  const outer = above.findLast((target) => isBelow(step.target, target));
  if (outer === undefined) return [];
  const parents = directoriesBetween(outer, step.target).flatMap((path) => attempt(makeDirectory(path)));
  const isFile =
    step.type === "bind"
      ? !statSync(step.source).isDirectory()
      : step.type === "secret" || (step.type === "overlay" && !step.isDirectory);
  const point = isFile ? makeFile(step.target) : makeDirectory(step.target);
  return [...parents, ...attempt(point)];
}

const makeDirectory = (path: string): Operation => operation(`make ${path}`, "mkdir", path, 0o755);

const makeFile = (path: string): Operation => operation(`make ${path}`, "mknod", path, linux.S_IFREG | 0o644, 0, 0);

const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory === "/" ? "/" : `${directory}/`);

function directoriesBetween(outer: string, path: string): string[] {
  const found: string[] = [];
  for (let at = posix.dirname(path); isBelow(at, outer); at = posix.dirname(at)) found.unshift(at);
  return found;
}
