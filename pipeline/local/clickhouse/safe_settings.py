"""The settings an analyst may give: they change how an answer looks or how long it may take, never what it reaches."""

import re
from collections.abc import Mapping
from typing import Final

from pipeline.local.clickhouse.failures import READONLY, SETTING_CONSTRAINT_VIOLATION, QueryError

SAFE_SETTINGS: Final = re.compile(
    r"max_execution_time|max_result_rows|max_result_bytes|max_block_size|max_threads|max_rows_to_read|max_bytes_to_read"
    r"|max_memory_usage|result_overflow_mode|read_overflow_mode|timeout_overflow_mode|extremes|limit|offset|final"
    r"|session_timezone|join_use_nulls|use_client_time_zone|enable_http_compression|http_zlib_compression_level"
    r"|http_headers_progress_interval_ms|send_progress_in_http_headers|http_write_exception_in_output_format"
    r"|cancel_http_readonly_queries_on_client_close|add_http_cors_header|date_time_output_format|date_time_input_format"
    r"|(http_)?(send|receive|connect|connection)_timeout|select_sequential_consistency|use_uncompressed_cache"
    r"|allow_experimental_(json|dynamic|variant)_type|enable_(json|dynamic|variant)_type|group_by_use_nulls"
    r"|output_format_(json|csv|tsv|arrow|native|pretty|parquet|orc|binary|decimal|write|avro|xml|markdown)\w*"
)

ANALYST_LIMITS: Final = {"max_execution_time": 300, "max_memory_usage": 4 * 1024**3}
"""What an analyst's statement may take unless it asks for less: the ledger writes through the same process."""
_NUMBER: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


def refuse_unsafe(settings: Mapping[str, str]) -> None:
    """Let the settings of an analyst's statement pass.

    Raises:
        QueryError: One is not listed (164), or would lift a limit (452); 0 stands for no limit at all.
    """
    for name, value in settings.items():
        if not SAFE_SETTINGS.fullmatch(name):
            raise QueryError(READONLY, f"Cannot modify '{name}' setting in readonly mode. (READONLY)")
        most = ANALYST_LIMITS.get(name)
        if most is not None and not (_NUMBER.fullmatch(value) and 1 <= float(value) <= most):
            message = f"Setting {name} is a number from 1 to {most} for analysts. (SETTING_CONSTRAINT_VIOLATION)"
            raise QueryError(SETTING_CONSTRAINT_VIOLATION, message)
