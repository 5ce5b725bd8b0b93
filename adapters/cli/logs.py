"""Logs: structured lines on standard error, so that standard output holds answers alone."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

DEFAULT_LEVEL = "WARNING"
"""What a short command logs, if no other level is set."""

SERVICE_LEVEL = "INFO"
"""What the service logs, if no other level is set: what was posted and read, too."""


def set_up_logs(level: str) -> None:
    """Log from that level on: coloured for a person at a terminal, else as JSON. Raises KeyError on no level."""
    on_terminal = sys.stderr.isatty()
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _told_first,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _told_first(_: Any, __: str, line: EventDict) -> EventDict:
    """Begin with when, how grave and what; leave out what is not known."""
    first = {name: line[name] for name in ("timestamp", "level", "event") if name in line}
    return first | {name: value for name, value in line.items() if value is not None}


def take_in_libraries() -> None:
    """Log what libraries say through Python's own logging as we do, from WARNING on: a line of JSON stays one."""
    logging.basicConfig(handlers=[_Passing()], level=logging.WARNING, force=True)


class _Passing(logging.Handler):
    """Passes a library's record on."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it under its library's name."""
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), library=record.name, exc_info=record.exc_info)
