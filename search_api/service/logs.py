"""The log of a server: a JSON object a line, with the id of the request that it is about. Questions are not in it."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from search_api.settings import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
# What every record has; whatever else is there was given with `extra`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_OURS = ("veille", "uvicorn", "uvicorn.error")


def set_up(settings: Settings) -> None:
    """Let all of this process write to stderr, once, in the format that is wanted."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if settings.log_format == "json" else _Text())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    level = settings.log_level.upper()
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level)
    # uvicorn's would hold the questions; it would also tell of every start and stop twice.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").setLevel(max(logging.getLevelName(level), logging.WARNING))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in _USUAL}
    own = request_id.get()
    return {"request_id": own, **fields} if own else fields


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        # ASCII: what clients send can neither break a line nor a terminal.
        return json.dumps(line, default=str)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = " ".join([record.getMessage(), *(f"{name}={value!r}" for name, value in _fields(record).items())])
        line = f"{_time(record)} {record.levelname.lower():7} {ascii(said)[1:-1]}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
