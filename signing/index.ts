export { privateKey, publicKey } from "./key-place.js";
export { readPrivateKey, readPublicKey } from "./keys.js";
export { signImage, type SignOptions, type Verified, verifyImage, type VerifyOptions } from "./sign.js";
export { signatureTag } from "./signature.js";
