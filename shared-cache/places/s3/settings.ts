// Where a bucket is, and whose keys open it: what the user says, else what the environment says.
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html

import { TsbuildError } from "../../../errors.js";
import type { S3Cache } from "../../spec.js";
import type { S3Credentials } from "./signature.js";

export interface S3Settings {
  readonly region: string;
  /** Absent when requests are not signed. */
  readonly credentials: S3Credentials | undefined;
}

/** @throws usage when something that has no default is missing */
export function s3Settings(options: S3Cache, env: NodeJS.ProcessEnv): S3Settings {
  return { region: regionOf(options, env), credentials: credentialsOf(options, env) };
}

function regionOf({ region, endpointUrl }: S3Cache, env: NodeJS.ProcessEnv): string {
  const found = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? (endpointUrl && "us-east-1");
  if (found) return found;
  throw new TsbuildError("usage", "a cache of type s3 needs a region", {
    hint: "Add region=…, or set AWS_REGION.",
  });
}

function credentialsOf(options: S3Cache, env: NodeJS.ProcessEnv): S3Credentials | undefined {
  const own = options.accessKeyId !== undefined;
  const accessKeyId = own ? options.accessKeyId : env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = own ? options.secretAccessKey : env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = own ? options.sessionToken : env["AWS_SESSION_TOKEN"];
  if (!accessKeyId) return undefined;
  if (secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined };
  throw new TsbuildError("usage", "a cache of type s3 has an access key without its secret", {
    hint: "Set AWS_SECRET_ACCESS_KEY, or add secret_access_key=….",
  });
}
