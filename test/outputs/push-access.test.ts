import { describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { type ImageStore, parseReference, type Reference } from "../../oci/index.js";
import { type OutputSpec, PushAccess } from "../../outputs/index.js";

const tags = ["a.example/app:1", "a.example/app:2", "b.example/app:1"].map(parseReference);

function access(outputs: readonly OutputSpec[], failures: Readonly<Record<string, Error>> = {}) {
  const asked: string[] = [];
  const openRepository = async ({ registry, repository }: Reference) => ({
    async tryPush() {
      asked.push(`${registry}/${repository}`);
      if (failures[registry]) throw failures[registry];
    },
  });
  const pushAccess = new PushAccess({
    outputs,
    tags,
    openRepository: openRepository as unknown as () => Promise<ImageStore>,
  });
  return { pushAccess, asked };
}

const unauthorized = new TsbuildError("unauthorized", "b.example does not accept the password");

describe("PushAccess", () => {
  test("asks each repository that is pushed to once, and no other", async () => {
    for (const [outputs, expected] of [
      [
        [{ type: "registry" }, { type: "image", push: true }],
        ["a.example/app", "b.example/app"],
      ],
      [[{ type: "registry", names: ["c.example/x"] }], ["c.example/x"]],
      [[{ type: "image" }, { type: "local", dest: "out" }], []],
    ] as const) {
      const { pushAccess, asked } = access(outputs);
      pushAccess.ask();
      pushAccess.ask();
      await pushAccess.end();
      expect(asked).toEqual(expected);
      expect(pushAccess.signal.aborted).toBe(false);
    }
  });

  test("a refusal ends the build; a registry that does not answer may do so later", async () => {
    const away = new TsbuildError("registry_unreachable", "cannot reach a.example");
    const { pushAccess } = access([{ type: "registry" }], { "a.example": away, "b.example": unauthorized });
    pushAccess.ask();
    await new Promise(setImmediate);
    expect(pushAccess.signal.aborted).toBe(true);
    expect(pushAccess.refusal).toBe(unauthorized);
    await pushAccess.end();
  });

  test("what comes after the end is no refusal", async () => {
    const { pushAccess } = access([{ type: "registry" }], { "b.example": unauthorized });
    pushAccess.ask();
    await pushAccess.end();
    expect(pushAccess.refusal).toBeUndefined();
  });
});
