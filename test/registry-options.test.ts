import { expect, test } from "vitest";
import { checkRegistryOptions } from "../registry-options.js";

test("checkRegistryOptions() tells nothing there from what cannot be looked at", () => {
  const check = (authFile: string) => () => checkRegistryOptions({ authFile });
  expect(check("/proc/nope")).toThrow('expected a file with credentials at "/proc/nope", found nothing');
  expect(check("/proc/version/nope")).toThrow("found nothing");
  const path = `/${"x".repeat(300)}`;
  expect(check(path)).toThrow(`expected a file with credentials at "${path}", which cannot be looked at: ENAMETOOLONG`);
});
