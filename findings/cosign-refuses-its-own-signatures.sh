#!/usr/bin/env bash
# cosign 3.1.3: with an imported ECDSA P-384 key, `cosign verify-blob` refuses what `cosign sign-blob` has just signed; with a P-256 key
# it accepts it. It signs with SHA-384 and verifies with SHA-256. (Ed25519 keys are refused as well.) COSIGN names a cosign that is there
# already; else it is built, which takes half an hour.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
if [ -z "${COSIGN:-}" ]; then
  GOBIN="$dir" go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3
  COSIGN="$dir/cosign"
fi
export COSIGN_PASSWORD=
cd "$dir"
echo hello > message
"$COSIGN" signing-config create --out none.json
for curve in P-256 P-384; do
  openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out "$curve.pem"
  "$COSIGN" import-key-pair --key "$curve.pem" --output-key-prefix "$curve" -y 2>/dev/null
  "$COSIGN" sign-blob --key "$curve.key" --signing-config none.json --bundle "$curve.json" --yes message >/dev/null 2>&1
  if "$COSIGN" verify-blob --key "$curve.pub" --bundle "$curve.json" --insecure-ignore-tlog message >"$curve.out" 2>&1; then
    echo "$curve: accepted" | tee -a seen
  else
    echo "$curve: refused" | tee -a seen
    tail -1 "$curve.out"
  fi
done
diff seen - <<'TEXT'
P-256: accepted
P-384: refused
TEXT
