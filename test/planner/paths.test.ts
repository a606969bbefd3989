import { expect, test } from "vitest";
import { absolutePath, cleanPath, destinationPath } from "../../planner/paths.js";

test.each([
  ["/app", "src", "/app/src"],
  ["/app", "/src/", "/src"],
  ["/app", "../../..", "/"],
  ["/app", "", "/app"],
  ["/", "a//b/./c", "/a/b/c"],
])("S-143: absolutePath(%j, %j) is %j", (base, path, expected) => expect(absolutePath(base, path)).toBe(expected));

test.each([
  ["/app", "", "/app/"],
  ["/app", ".", "/app/"],
  ["/app", "./", "/app/"],
  ["/app", "x", "/app/x"],
  ["/app", "x/", "/app/x/"],
  ["/app", "/x/../y/", "/y/"],
  ["/", ".", "/"],
  ["/app", "/", "/"],
])("S-079: destinationPath(%j, %j) is %j", (base, path, expected) =>
  expect(destinationPath(base, path)).toBe(expected),
);

test.each([
  ["/root/.cache/", "/root/.cache"],
  ["a/../b//c", "b/c"],
  ["", "."],
  ["/", "/"],
])("cleanPath(%j) is %j", (path, expected) => expect(cleanPath(path)).toBe(expected));
