// A real S3-compatible server (s3rver) in this process, with one bucket and one pair of keys. It reads signatures of version 4
// but does not check them, so that is done here, from what came over the wire.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface S3Server {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `METHOD path` of each request, in order. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export const BUCKET = "ci";
/** The keys that s3rver knows. */
export const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

interface Running {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
  readonly middleware: ((context: Context, next: () => unknown) => unknown)[];
}

interface Context {
  readonly method: string;
  readonly path: string;
  readonly req: IncomingMessage;
  status: number;
  body: string;
}

export async function startS3(): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), "tsbuild-s3-"));
  const S3rver = createRequire(import.meta.url)("s3rver") as new (options: object) => Running;
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET }],
  });
  const requests: string[] = [];
  server.middleware.unshift((context, next) => {
    requests.push(`${context.method} ${decodeURIComponent(context.path)}`);
    if (isSigned(context.req)) return next();
    context.status = 403;
    context.body = "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
  });
  const { port } = await server.run();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function isSigned({ method, url = "", headers }: IncomingMessage): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, id, day = "", region = "", names = "", signature] = pattern.exec(headers.authorization ?? "") ?? [];
  if (id !== KEYS.accessKeyId || !names.split(";").includes("host")) return false;
  const [path, query = ""] = url.split("?");
  const lines = names.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const payload = String(headers["x-amz-content-sha256"]);
  const canonical = `${method}\n${path}\n${query}\n${lines.join("")}\n${names}\n${payload}`;
  const hashed = createHash("sha256").update(canonical).digest("hex");
  const text = `AWS4-HMAC-SHA256\n${String(headers["x-amz-date"])}\n${day}/${region}/s3/aws4_request\n${hashed}`;
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = hmac(hmac(hmac(hmac(`AWS4${KEYS.secretAccessKey}`, day), region), "s3"), "aws4_request");
  return hmac(key, text).toString("hex") === signature;
}
