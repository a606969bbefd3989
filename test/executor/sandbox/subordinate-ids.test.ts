import { expect, test } from "vitest";
import { subordinateIds } from "../../../executor/sandbox/user-namespace.js";

const advised = (subuid: string, subgid: string): string | undefined =>
  subordinateIds((path) => (path === "/etc/subuid" ? subuid : subgid)).hint?.replace(/ \S+\.$/, "");

test.each([
  ["", "", "100000-165535"],
  ["a:100000:65536\nb:165536:65536\n", "c:200000:100000\n", "300000-365535"],
  ["late:1000000:65536", "early:1000:500", "100000-165535"],
  ["a:165535:1", "", "165536-231071"],
])("subordinateIds() advises a range that nobody has: %j, %j", (subuid, subgid, free) => {
  const command = `usermod --add-subuids ${free} --add-subgids ${free}`;
  expect(advised(subuid, subgid)).toBe(`Add some, as root: ${command}`);
});
