// What `tsbuild context --why` says of paths that cannot be looked at.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { explainContextPath } from "../../build/index.js";
import { openDirectory } from "../helpers/open-directory.js";

const context = mkdtempSync(join(openDirectory(), "tsbuild-context-"));
afterAll(() => rmSync(context, { recursive: true }));
chmodSync(context, 0o755);
mkdirSync(join(context, "closed"), { mode: 0o700 });
mkdirSync(join(context, "src"));
writeFileSync(join(context, "closed/file"), "");
writeFileSync(join(context, "file"), "");
symlinkSync("loop", join(context, "loop"));

/** Without the privileges of root, if the tests have them. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) {
    chmodSync(join(context, "closed"), 0);
    return run().finally(() => chmodSync(join(context, "closed"), 0o700));
  }
  process.seteuid!(65534);
  return run().finally(() => process.seteuid!(0));
}

describe("explainContextPath()", () => {
  test("tells that a path may not be looked at, and not that it does not exist", async () => {
    const failure = { code: "bad_context", hint: expect.stringContaining("Make it readable") };
    await expect(asNobody(() => explainContextPath("closed/file", { context }))).rejects.toMatchObject({
      ...failure,
      message: 'cannot read "closed/file" of the build context: EACCES',
    });
    await expect(explainContextPath("loop/file", { context })).rejects.toMatchObject({ code: "bad_context" });
  });

  test.each(["src/none", "none/file", "file/below"])("%s does not exist", async (path) => {
    expect(await explainContextPath(path, { context })).toMatchObject({ path, exists: false });
  });
});
