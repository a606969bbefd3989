export { privateKey, publicKey } from "./key-place.js";
export { readPrivateKey, readPublicKey } from "./keys.js";
export {
  claimsBy,
  signImage,
  type SignOptions,
  type VerifiedImage,
  verifyImage,
  type VerifyImageOptions,
} from "./sign.js";
export { signatureTag } from "./signature.js";
