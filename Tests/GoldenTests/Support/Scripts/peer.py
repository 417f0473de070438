"""The jobs of pipelines/marketing-export.yaml and pipelines/events.yaml once more, in plain Python.

usage: peer.py marketing-export|events INPUT OUTPUT KEY-IN-HEX SALT-IN-HEX

Compares OUTPUT, as data, with what the rules make of INPUT. Exit status 1, and the first differences, if they differ.
"""
import csv
import hashlib
import hmac
import json
import math
import sys

job, source, target, key, salt = sys.argv[1:6]
key, salt = bytes.fromhex(key), bytes.fromhex(salt)


class Number(str):
    """A JSON number by its text: 1.0 and 1e0 differ."""

    def __eq__(self, other):
        return isinstance(other, Number) and str(self) == str(other)

    __hash__ = str.__hash__


def derived(domain, recipient=""):
    """HKDF-SHA-256 (RFC 5869), empty salt, one block."""
    parts = (part.encode() for part in ("veil/v1", "pseudonym", recipient, domain))
    info = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(hmac.digest(bytes(32), key, "sha256"), info + b"\x01", "sha256")


def token(domain, value, digits=64):
    if not value:
        return value
    return hmac.digest(derived(domain), str(value).encode(), "sha256").hex()[:digits]


def mail(value):
    return token("email", value.strip().lower()) if value else value


def bucket(value, width):
    if not value:
        return value
    low = math.floor(float(value)) // width * width
    return f"{low}-{low + width - 1}"


def marketing(row):
    digits = "".join(c for c in row["phone"] if c in "0123456789")
    return {
        "customer_id": token("customer_id", row["customer_id"]), "email": mail(row["email"]),
        "phone": hashlib.sha256(salt + digits.encode()).hexdigest() if digits else "", "city": row["city"],
        "postcode": row["postcode"][:2], "country": row["country"], "birth_date": row["birth_date"][:4],
        "gender": row["gender"], "age": bucket(row["age"], 10), "education": row["education"],
        "income": bucket(row["income"], 10000), "last_seen": row["last_seen"][:7],
        "marketing_consent": row["marketing_consent"],
    }


def event(record):
    customer, address = record["customer"], record["address"]
    return {
        "event_id": record["event_id"], "event": record["event"], "at": record["at"][:7],
        "customer": {"id": token("customer_id", customer["id"]), "email": mail(customer["email"])},
        "address": {"city": address["city"], "postcode": address["postcode"] and address["postcode"][:2]},
        "items": [{"sku": item["sku"], "price": item["price"], "quantity": item["quantity"],
                   "serial": token("serial", item["serial"], 32)} for item in record["items"]],
        "total": bucket(record["total"], 50), "device.id": token("device", record["device.id"]),
        "ip": record["ip"].rsplit(".", 1)[0] + ".0", "tags": record["tags"],
    }


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line, parse_int=Number, parse_float=Number) for line in file]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if job == "marketing-export":
    wanted, found = [marketing(row) for row in rows(source)], rows(target)
else:
    wanted, found = [event(record) for record in lines(source)], lines(target)

different = [index for index, (a, b) in enumerate(zip(wanted, found)) if a != b or list(a) != list(b)]
if len(wanted) != len(found) or different:
    print(f"{len(wanted)} records wanted, {len(found)} found, {len(different)} differ")
    for index in different[:3]:
        print(f"record {index + 1}\n  wanted {wanted[index]}\n  found  {found[index]}")
    sys.exit(1)
