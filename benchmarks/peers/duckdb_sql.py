"""DuckDB, all in SQL. It has SHA-256 but no HMAC, so HMAC is put together from two digests."""
import duckdb

from common import COLUMNS, Job, pads

job = Job()
SQL_TYPES = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "text": "VARCHAR"}


def blob(data):
    return "'" + "".join(f"\\x{byte:02X}" for byte in data) + "'::BLOB"


def mac(key, text):
    inner, outer = pads(key)
    return f"sha256({blob(outer)} || unhex(sha256({blob(inner)} || encode({text}))))"


if job.is_json:
    columns = ", ".join(f"{c}: '{SQL_TYPES[job.type_of(c)]}'" for c in COLUMNS)
    source = f"read_json('{job.input}', format = 'newline_delimited', columns = {{{columns}}})"
    sink = f"'{job.output}' (FORMAT json)"
else:
    source = f"read_csv('{job.input}', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')"
    sink = f"'{job.output}' (FORMAT csv, HEADER true)"

low = "floor(income::DOUBLE / 10000)::BIGINT * 10000"
email = mac(job.email_key, "email")
selection = {"j0": "*", "j2": f"* REPLACE ({email} AS email)"}.get(job.name, f"""
    {mac(job.customer_key, 'customer_id::VARCHAR')} AS customer_id, {email} AS email,
    sha256('{job.salt}' || phone) AS phone, city, left(postcode, 3) AS postcode, country,
    left(birth_date, 4) AS birth_date, gender, ({low})::VARCHAR || '-' || ({low} + 9999)::VARCHAR AS income,
    signup_ts, marketing_consent""")
duckdb.connect(config={"threads": job.threads}).execute(f"COPY (SELECT {selection} FROM {source}) TO {sink}")
