#!/usr/bin/env bash
# Walks through the ten principles on made-up customers and says what each step shows. usage: demo-principles.sh VEIL
set -euo pipefail
cd "$(dirname "$0")/.."
veil=$(realpath "$1")
customers=$PWD/fixtures/customers/customers.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
day=2026-06-30

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
run() { printf '  $ veil %s\n' "$*"; "$veil" "$@" 2>&1 | sed 's/^/    /'; }

# The people of the first records: one consents no more, one asks what is known, one asks to be forgotten.
read -r withdrawn curious forgotten < <(python3 - "$customers" <<'PYTHON'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))
with open("consents.csv", "w") as ledger:
    ledger.write("subject,purpose,status,at\n")
    for row in rows:
        ledger.write(f"{row['customer_id']},analytics,granted,2025-01-01\n")
    ledger.write(f"{rows[0]['customer_id']},analytics,withdrawn,2026-06-01\n")
header = list(rows[0])
with open("fields.txt", "w") as out:
    out.write("\n".join(header))
print(*(rows[i]["customer_id"] for i in range(3)))
PYTHON
)
openssl req -x509 -newkey rsa:2048 -nodes -keyout bank.key -out bank.pem -days 3650 -subj /CN=bank 2> openssl.log
"$veil" key new shop.key > key.txt
cat > recipients.yaml <<'YAML'
recipients:
  lab: {contact: dpo@lab.example, purposes: [analytics], expires: 2027-12-31}
  bank: {purposes: [analytics], certificate: bank.pem}
YAML
cat > share.yaml <<YAML
version: 1
name: share
purpose: analytics
recipients: recipients.yaml
manifest: out/share.manifest.json
audit: audit.jsonl
lineage: share.lineage.json
source: {path: $customers, subject: customer_id}
keys:
  shop: {file: shop.key}
records:
  consent: {ledger: consents.csv}
fields:
  customer_id: {pseudonym: {key: shop}}
  birth_date: {truncate: {date: year}}
  postcode: {truncate: {keep: 2}}
  income: {bucket: {width: 10000}}
unlisted: drop
sinks:
  - {path: out/lab.csv, recipient: lab, expires: 90 days}
  - {path: out/bank.csv.cms, recipient: bank, expires: 1 year, encrypt: true, fields: {income: drop}}
YAML

say "1. Transparency: what a pipeline does, in plain words, from the pipeline alone"
run explain share.yaml | sed -n 1,14p
say "2. Informed consent: who did not consent, or no more, stays out and is counted"
run run share.yaml --as-of $day
say "3. Minimal collection: what leaves whole without a reason is refused"
sed 's/postcode: .*/postcode: {class: quasi, stages: [keep]}/' share.yaml > curious.yaml
{ run check curious.yaml || true; } | grep -A 3 ': error:'
say "4. Anonymization and pseudonymization: an export is called by what was done to it"
grep -m 1 '"label"' out/share.manifest.json
cat > release.yaml <<YAML
version: 1
name: release
purpose: analytics
source: {path: $customers, subject: customer_id}
records:
  consent: {ledger: consents.csv}
fields:
  birth_date: {class: quasi, hierarchy: {date: [year, decade, century]}}
  postcode: {class: quasi, hierarchy: {prefix: 5}}
  income: {class: sensitive, stages: [{bucket: {width: 10000}}], because: what the study asks for}
unlisted: drop
anonymity: {k: 5, l: {income: 2}}
sinks:
  - {path: k/lab.csv, recipient: lab}
  - {path: k/bank.csv, recipient: bank, fields: {income: drop}}
YAML
mkdir k
run run release.yaml --as-of $day
run verify k/lab.csv --pipeline release.yaml --recipient lab | grep -E '(k: |income|called)'
say "5. Security: the bank's export opens with the bank's key alone"
openssl cms -decrypt -inform DER -in out/bank.csv.cms -inkey bank.key -recip bank.pem -out bank.csv
head -n 2 bank.csv | cut -c 1-60
say "6. Retention: exports know their last day"
run prune out --as-of 2026-09-28 --dry-run
say "7. Sharing: tokens do not join what two recipients got, but what is known of people does; k-anonymous exports stand that, too"
run link out/lab.csv bank.csv || true
run link k/lab.csv k/bank.csv || true
say "8. Use limitation: another purpose is not what the recipient may have it for"
sed 's/^purpose: .*/purpose: advertising/; s/analytics,granted/advertising,granted/' share.yaml > misuse.yaml
{ run check misuse.yaml || true; } | grep -A 3 -m 1 ': error:'
say "9. People's rights: access, then erasure from exports that are there"
echo "$curious" > request.txt
run find --subject - out --pipeline share.yaml --private-key bank.key --reason "request 17" < request.txt
echo "$forgotten" > forget.txt
run erase --list forget.txt out --pipeline share.yaml --private-key bank.key --reason "request 18"
say "10. Accountability: a log that cannot be changed unnoticed"
cut -c 1-110 audit.jsonl
run audit verify audit.jsonl
sed '1s/"read": [0-9]*/"read": 1/' audit.jsonl > forged.jsonl
run audit verify forged.jsonl | sed -n 1,4p || true
printf '\nAll ten, and the folder %s is removed again; the one who withdrew was never in it: ' "$work"
echo "$withdrawn" > request.txt
"$veil" find --subject - out --pipeline share.yaml --private-key bank.key < request.txt | tail -n 1
