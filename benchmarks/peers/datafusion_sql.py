"""Apache DataFusion, all in SQL. It has SHA-256 but no HMAC, so HMAC is put together from two digests; concat works on
text only, so binary goes through hex."""
import datafusion
import pyarrow as pa

from common import COLUMNS, Job, pads

job = Job()
TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "text": pa.string()}
context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(job.threads))


def after(block, data):
    return f"decode(concat('{block.hex()}', encode({data}, 'hex')), 'hex')"


def mac(key, text):
    inner, outer = pads(key)
    digest = f"sha256({after(inner, f'''arrow_cast({text}, 'Binary')''')})"
    return f"encode(sha256({after(outer, digest)}), 'hex')"


if job.is_json:
    schema = pa.schema([(column, TYPES[job.type_of(column)]) for column in COLUMNS])
    context.register_json("customers", job.input, schema=schema, file_extension="")
else:  # newlines_in_values is needed for the notes, and keeps it from reading one file in parallel
    context.sql(f"""
        CREATE EXTERNAL TABLE customers ({', '.join(f'{column} VARCHAR' for column in COLUMNS)}) STORED AS CSV
        LOCATION '{job.input}' OPTIONS ('format.has_header' 'true', 'format.newlines_in_values' 'true')""")

low = "CAST(floor(CAST(income AS DOUBLE) / 10000) AS BIGINT) * 10000"
email = f"{mac(job.email_key, 'email')} AS email"
selection = {"j0": "*", "j2": ", ".join(email if column == "email" else column for column in COLUMNS)}.get(job.name, f"""
    {mac(job.customer_key, 'CAST(customer_id AS VARCHAR)')} AS customer_id, {email},
    encode(sha256(concat('{job.salt}', phone)), 'hex') AS phone, city, left(postcode, 3) AS postcode, country,
    left(birth_date, 4) AS birth_date, gender,
    concat(CAST({low} AS VARCHAR), '-', CAST({low} + 9999 AS VARCHAR)) AS income, signup_ts, marketing_consent""")
form = "JSON" if job.is_json else "CSV OPTIONS ('format.has_header' 'true')"
context.sql(f"COPY (SELECT {selection} FROM customers) TO '{job.output}' STORED AS {form}").collect()
