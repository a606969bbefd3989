import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flock } from "../../filesystem/index.js";
import { libc } from "../../filesystem/sys.js";
import { temporaryDirectory } from "./layers.js";

/** Before koffi is loaded the tool does it, afterwards the call. */
test.each([
  ["the tool", () => {}],
  ["the call", () => void libc()],
])("flock() by %s excludes others until the file is closed", (_, prepare) => {
  prepare();
  const path = join(temporaryDirectory(), "lock");
  const [first, second] = [openSync(path, "a"), openSync(path, "a")];
  const other = () => spawnSync("flock", ["-n", path, "true"]).status;
  expect(flock(first)).toBe(true);
  expect(flock(second, { nonblocking: true })).toBe(true);
  expect(flock(first, { exclusive: true, nonblocking: true })).toBe(false);
  closeSync(second);
  expect(flock(first, { exclusive: true, nonblocking: true })).toBe(true);
  expect(other()).toBe(1);
  closeSync(first);
  expect(other()).toBe(0);
});

test("flock() tells a bad file descriptor", () => {
  libc();
  expect(() => flock(9999, { nonblocking: true })).toThrow("EBADF: flock");
});
