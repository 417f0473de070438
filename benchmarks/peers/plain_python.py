"""Plain Python: the csv, json and hmac modules."""
import csv
import hashlib
import hmac
import json

from common import J1_COLUMNS, Job

job = Job()


def mac(key, text):
    return hmac.digest(key, text.encode(), "sha256").hex()


def salted(text):
    return hashlib.sha256((job.salt + text).encode()).hexdigest()


def band(number):
    low = int(float(number)) // 10_000 * 10_000
    return f"{low}-{low + 9_999}"


def j1(customer_id, email, _name, phone, _street, city, postcode, country, birth, gender, income, _ip, signup, consent,
       _notes):
    return (mac(job.customer_key, customer_id), mac(job.email_key, email), salted(phone), city, postcode[:3], country,
            birth[:4], gender, band(income), signup, consent)


def j2(row):
    row[1] = mac(job.email_key, row[1])
    return row


with open(job.input, encoding="utf-8", newline="") as source, open(job.output, "w", encoding="utf-8", newline="") as sink:
    if job.is_json:
        write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        for line in source:
            record = json.loads(line)
            record["customer_id"] = str(record["customer_id"])
            sink.write(write(dict(zip(J1_COLUMNS, j1(*record.values())))) + "\n")
    else:
        rows, writer = csv.reader(source), csv.writer(sink, lineterminator="\n")
        header = next(rows)
        writer.writerow(J1_COLUMNS if job.name == "j1" else header)
        writer.writerows({"j0": rows, "j1": (j1(*row) for row in rows), "j2": map(j2, rows)}[job.name])
