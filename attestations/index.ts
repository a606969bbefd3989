export {
  type AttestationForm,
  type AttestationManifest,
  attestationManifest,
  attestedImage,
  type Document,
  isAttestation,
  readPredicates,
} from "./manifest.js";
export {
  type Material,
  provenance,
  type ProvenanceFacts,
  type ProvenanceOptions,
  type ProvenanceStep,
} from "./provenance.js";
export { spdx, type SpdxFacts } from "./spdx.js";
export { fileOf, imageUrl, type Predicate, PredicateType, statementOf, type Subject, subjectsOf } from "./statement.js";
