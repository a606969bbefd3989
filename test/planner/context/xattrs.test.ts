import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setXattr } from "../../../filesystem/index.js";
import { openContext } from "../../../planner/index.js";

test("S-099 hash() reads extended attributes, each time anew", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-xattrs-"));
  try {
    writeFileSync(join(directory, "f"), "content");
    for (const value of ["one", "two"]) {
      setXattr(join(directory, "f"), "user.note", Buffer.from(value));
      const context = await openContext(
        { kind: "context", name: "context", directory, ignore: { patterns: [] } },
        { statIndex: join(directory, "../stat-index-of-xattrs") },
      );
      const [entry] = await context.hash([context.tree.get("f")!]);
      expect(Buffer.from(entry!.xattrs!.get("user.note")!).toString()).toBe(value);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
    rmSync(join(directory, "../stat-index-of-xattrs"), { force: true });
  }
});
