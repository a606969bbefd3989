import { describe, expect, test } from "vitest";
import { unexpected } from "../../registry-client/error.js";
import { oneLine, redactUrl } from "../../registry-client/redact.js";
import { isTransient, parseRetryAfter } from "../../net/index.js";
import { unreachable } from "../../registry-client/unreachable.js";

const hub = new URL("https://registry-1.docker.io/v2/library/alpine/manifests/latest");
const answer = (status: number, text = "", url = hub) => unexpected({ method: "GET", url, status, text });
const errors = (...list: unknown[]) => JSON.stringify({ errors: list });

describe("unexpected()", () => {
  test("quotes what the registry says, on one line, with its codes", () => {
    const error = answer(
      400,
      errors({ code: "NAME_INVALID", message: "bad\nname" }, { code: "OTHER" }, { no: "code" }, null),
    );
    expect(error).toMatchObject({
      code: "registry_error",
      codes: ["NAME_INVALID", "OTHER"],
      url: hub.href,
      message: `registry-1.docker.io answered 400 to GET ${hub.href}: NAME_INVALID: bad name; OTHER`,
    });
  });

  test("leaves out pages for browsers, and the rest of long texts", () => {
    expect(answer(502, "<html>Bad gateway</html>").message).toMatch(/latest$/);
    expect(answer(502, "x".repeat(1000)).message.length).toBeLessThan(330);
  });

  test.each<[number, string, string, string | undefined]>([
    [401, "", "unauthorized", undefined],
    [403, "", "unauthorized", undefined],
    [
      429,
      errors({ code: "TOOMANYREQUESTS" }),
      "registry_error",
      "Log in with tsbuild login, which raises the limit of Docker Hub, or use a mirror.",
    ],
    [400, errors({ code: "DIGEST_INVALID" }), "registry_error", undefined],
    [500, "", "registry_error", undefined],
  ])("%d %s is %s", (status, text, code, hint) => {
    const error = answer(status, text);
    expect([error.code, error.hint]).toEqual([code, hint]);
  });
});

test("redactUrl() hides users, passwords, signatures and states", () => {
  const url = new URL(
    "https://me:hunter2@ghcr.io/v2/?digest=sha256:ab&_state=secret&X-Amz-Signature=secret&scope=repository:a:pull",
  );
  expect(redactUrl(url)).toBe(
    "https://ghcr.io/v2/?digest=sha256:ab&_state=REDACTED&X-Amz-Signature=REDACTED&scope=repository:a:pull",
  );
});

test("oneLine() has no control characters", () => {
  expect(oneLine(" a\r\n\u001b[2Jb\u0000\tc ")).toBe("a [2Jb c");
});

test.each([
  [undefined, undefined],
  ["2", 2000],
  ["0", 0],
  ["Sat, 01 Jan 2000 00:00:30 GMT", 30_000],
  ["Fri, 31 Dec 1999 00:00:00 GMT", 0],
  ["soon", undefined],
])("parseRetryAfter(%j) is %s ms", (header, expected) => {
  expect(parseRetryAfter(header, Date.UTC(2000, 0, 1))).toBe(expected);
});

test.each([
  ["ECONNRESET", true],
  ["EPIPE", true],
  ["ETIMEDOUT", true],
  ["EAI_AGAIN", true],
  ["ECONNREFUSED", true],
  ["ENOTFOUND", false],
  ["CERT_HAS_EXPIRED", false],
])("S-209: %s is worth another try: %s", (code, transient) => {
  expect(isTransient(unreachable({ method: "GET", url: hub }, Object.assign(new Error("x"), { code })))).toBe(
    transient,
  );
});

test("of a host with several addresses the first failure is told", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED ::1:5000"), { code: "ECONNREFUSED" });
  expect(unreachable({ method: "GET", url: hub }, new AggregateError([refused, refused])).message).toBe(
    "cannot reach registry-1.docker.io: connection refused",
  );
});

const openssl = (said: string, alert = "") =>
  `write EPROTO 806C62:error:0A000410:SSL routines:ssl3_read_bytes:${said}:../deps/openssl/ssl/record/rec_layer_s3.c:1601:${alert}`;

test.each([
  ["sslv3 alert handshake failure", "SSL alert number 40", "it refused the TLS handshake", "--cert-dir"],
  ["sslv3 alert bad certificate", "SSL alert number 42", "it demands a client certificate", "--cert-dir"],
  ["tlsv13 alert certificate required", "SSL alert number 116", "it demands a client certificate", "--cert-dir"],
  ["wrong version number", "", "it does not speak TLS", "insecure registry"],
  ["dh key too small", "", "the TLS handshake failed: dh key too small", ""],
])("OpenSSL's %j is told in words", (said, alert, reason, hint) => {
  const failure = Object.assign(new Error(openssl(said, alert)), { code: "EPROTO" });
  const error = unreachable({ method: "GET", url: hub }, failure);
  expect(error.message).toBe(`cannot reach registry-1.docker.io: ${reason}`);
  expect(error.hint ?? "").toContain(hint);
  expect(error.cause).toMatchObject({ message: said, code: "EPROTO" });
});
