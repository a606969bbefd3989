import { expect, test } from "vitest";
import { planText } from "./helpers.js";

test.each(["../../up", "a/b", "..", "."])("S-036 a heredoc %s cannot name a file", async (name) => {
  const planned = planText(`FROM busybox\nCOPY <<${name} /z/\nx\n${name}\n`);
  await expect(planned).rejects.toMatchObject({ code: "bad_value", span: { line: 2, column: 6 } });
});
