#!/bin/sh
# Miller, called like the Python peers: miller.sh JOB INPUT OUTPUT KEYS THREADS
# It has SHA-256 of text but no HMAC: pseudonyms are the digest of key and value (weaker); THREADS is its own affair.
set -e
email_key=$(cat "$4/email.key") customer_key=$(cat "$4/customer_id.key") salt=$(cat "$4/phone.key")
email="\$email = sha256(\"$email_key\" . \$email);"
j1="$email \$customer_id = sha256(\"$customer_key\" . \$customer_id); \$phone = sha256(\"$salt\" . \$phone);
  \$postcode = truncate(string(\$postcode), 3); \$birth_date = truncate(string(\$birth_date), 4);
  low = \$income // 10000 * 10000; \$income = fmtnum(low, \"%d\") . \"-\" . fmtnum(low + 9999, \"%d\");"
unwanted=full_name,street,notes,ip
case $1 in
  j0) exec mlr --csv cat "$2" >"$3" ;;
  j2) exec mlr --csv put "$email" "$2" >"$3" ;;
  j1) exec mlr --csv cut -x -f $unwanted then put "$j1" "$2" >"$3" ;;
  j1n) exec mlr --ijsonl --ojsonl cut -x -f $unwanted then put "$j1" "$2" >"$3" ;;
esac
