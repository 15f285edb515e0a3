-- Which module a step continues with after its broker died. See docs/rollout.md.

-- What saved the step's checkpoint, such as 'transform@1.3.0 sha256:…'; null while there is none of this claim.
alter table wasm_broker.claim add column module text;
