// What a source policy may be: BuildKit's JSON, and nothing that would have no effect.

import { describe, expect, test } from "vitest";
import { parsePolicy, readPolicy } from "../../policy/read-policy.js";

const image = { identifier: "docker-image://docker.io/library/alpine:3" };

describe("accepted", () => {
  test("words, numbers and defaults of the protobuf message", () => {
    const rules = [{ selector: image }, { action: 1, selector: { ...image, match_type: 1 } }];
    const read = parsePolicy(JSON.stringify({ version: 1, rules }), "p.json").rules;
    expect(read.map(({ action, selector }) => [action, selector.matchType])).toEqual([
      ["ALLOW", "WILDCARD"],
      ["DENY", "EXACT"],
    ]);
  });

  test("an http URL in any spelling", () => {
    const [rule] = parsePolicy(
      JSON.stringify({ rules: [{ action: "DENY", selector: { identifier: "HTTPS://X.org" } }] }),
      "p",
    ).rules;
    expect(rule!.selector.identifier).toBe("https://x.org/");
  });

  test.each(["local://*", "oci-layout://*"])("ALLOW %s, which is allowed anyway", (identifier) => {
    expect(
      parsePolicy(JSON.stringify({ rules: [{ action: "ALLOW", selector: { identifier } }] }), "p").rules,
    ).toHaveLength(1);
  });
});

describe("refused", () => {
  const deny = (selector: object) => ({ rules: [{ action: "DENY", selector }] });
  test.each<[unknown, string]>([
    [{ version: 2, rules: [] }, 'source policy "p.json", version: expected 1, found 2'],
    [{}, 'source policy "p.json", rules is missing'],
    [{ rules: [], sources: [] }, 'source policy "p.json", sources: expected no such field'],
    [
      { rules: [{ action: "REJECT", selector: image }] },
      'rule 1.action: expected ("ALLOW" | "DENY" | "CONVERT"), found "REJECT"',
    ],
    [{ rules: [{ action: 7, selector: image }] }, "rule 1.action: expected "],
    [{ rules: [{ action: "DENY" }] }, "rule 1.selector is missing"],
    [deny({}), "rule 1.selector.identifier is missing"],
    [deny({ ...image, kind: "x" }), "rule 1.selector.kind: expected no such field"],
    [
      deny({ ...image, constraints: [{ key: "image.resolvemode", value: "pull" }] }),
      "rule 1.selector.constraints.0.key: expected ",
    ],
    [{ rules: [{ action: "CONVERT", selector: image }] }, '"p.json", rule 1: expected updates in a rule that converts'],
    [
      { rules: [{ action: "DENY", selector: image, updates: {} }] },
      '"p.json", rule 1: expected updates in a rule that converts',
    ],
    [
      { rules: [{ action: "CONVERT", selector: image, updates: { attrs: { "http.uid": "1" } } }] },
      "rule 1.updates.attrs",
    ],
    [deny({ identifier: "alpine" }), '"p.json", rule 1: no source is called "alpine"'],
    [deny({ identifier: "alpine*" }), '"p.json", rule 1: no source is called "alpine*"'],
    [deny({ identifier: "docker-image://alpine" }), '"p.json", rule 1: no source is called "docker-image://alpine"'],
    [deny({ identifier: "docker-image://Alpine!" }), '"p.json", rule 1: image reference "Alpine!": expected '],
    [
      deny({ identifier: "local://context" }),
      'rule 1: cannot DENY "local://context", which the command line names itself',
    ],
    [deny({ identifier: "(", matchType: "REGEX" }), '"p.json", rule 1: invalid regular expression'],
  ])("%j", (policy, message) => {
    expect(() => parsePolicy(JSON.stringify(policy), "p.json")).toThrow(
      expect.objectContaining({ code: "bad_policy", message: expect.stringContaining(message) }),
    );
  });

  test("the hint has the name in full", () => {
    const text = JSON.stringify(deny({ identifier: "docker-image://alpine" }));
    expect(() => parsePolicy(text, "p")).toThrow(
      expect.objectContaining({ hint: 'Write "docker-image://docker.io/library/alpine:latest".' }),
    );
  });

  test("what is no JSON, or no file", () => {
    expect(() => parsePolicy("rules:\n", "p")).toThrow('expected JSON in "p", found "rules:\\n"');
    expect(() => readPolicy("/nowhere/p.json")).toThrow('cannot read the source policy "/nowhere/p.json": ENOENT');
  });
});
