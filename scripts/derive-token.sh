#!/usr/bin/env bash
# Computes Veil's pseudonyms with OpenSSL alone, so that anybody can check them without Veil.
#
# usage: derive-token.sh KEY-IN-HEX DOMAIN [RECIPIENT] < values, one a line > tokens, one a line
#
# The domain's key is HKDF-SHA-256 (RFC 5869) of the key with an empty salt, 32 bytes long; its info is "veil/v1",
# "pseudonym", the recipient and the domain, each after its length in four bytes, the highest first. The token is
# HMAC-SHA-256 of the value under that key.
set -euo pipefail
export LC_ALL=C  # lengths are bytes

key=$1
domain=$2
recipient=${3-}

prefixed() { # TEXT -> its length and its bytes, in hex
  printf '%08x' "${#1}"
  printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

info=$(for part in veil/v1 pseudonym "$recipient" "$domain"; do prefixed "$part"; done)
derived=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$key" -kdfopt "hexinfo:$info" HKDF | tr -d ':\n')

while IFS= read -r value || [ -n "$value" ]; do
  printf '%s' "$value" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$derived"
done | sed 's/.*= //'
