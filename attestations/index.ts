export {
  type AttestationForm,
  type AttestationManifest,
  attestationManifest,
  attestedImage,
  type Document,
  isAttestation,
  readPredicates,
} from "./manifest.js";
export type { Material, ProvenanceFacts, ProvenanceOptions, ProvenanceStep } from "./facts.js";
export { provenance } from "./provenance.js";
export { provenanceOfMetadataFile } from "./provenance-02.js";
export { spdx, type SpdxFacts } from "./spdx.js";
export {
  fileOf,
  imageUrl,
  layoutUrl,
  type Predicate,
  PredicateType,
  statementOf,
  type Subject,
  subjectsOf,
} from "./statement.js";
