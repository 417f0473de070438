"""Airflow: the night's export of customers, one task.

Statuses 1, 2 and 4 are for a person to look at, and a retry would end the same way. Statuses 3 and 5 (an input that
is late, a disk that is full, another run) may pass.
"""

import subprocess
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowFailException
from airflow.operators.python import PythonOperator

PIPELINE = "/srv/veil/customers.yaml"
FINAL = {1: "a declared check failed, or files were left out", 2: "the pipeline is invalid", 4: "the input's fields do not match"}


def run_veil(day: str) -> None:
    """Runs the pipeline as of the day on which the task is due, so that a task repeated later does the same."""
    command = ["veil", "run", PIPELINE, "--as-of", day, "--log", "json", "--progress", "never", "--wait", "10m"]
    status = subprocess.run(command, check=False).returncode
    if status in FINAL:
        raise AirflowFailException(f"veil: {FINAL[status]} (status {status}); see the log")
    if status != 0:
        raise RuntimeError(f"veil ended with status {status}; nothing was published")


with DAG(
    dag_id="veil_customers",
    schedule="0 3 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=15)},
) as dag:
    # The night of its run. {{ ds }} is where the task's interval begins, which is the day before.
    PythonOperator(task_id="export", python_callable=run_veil, op_kwargs={"day": "{{ data_interval_end | ds }}"})
