"""The embedded broker made of files, mended: a message appears whole or not at all.

Kombu's own creates the message's file under its final name and writes into it afterwards. On a busy machine a worker
finds it empty in between, and the worker ends with a JSONDecodeError. Here the file gets its name when it is complete; and
whatever cannot be read all the same (a full disk, a process that was killed) is passed over with a warning: the database is
the queue, a lost message means lateness only. The tables of exchanges have the same gap, so they are read again.
"""

import logging
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)
TRIES, PAUSE = 20, 0.05  # a second for another process to write a few bytes


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        stem = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}"
        draft = Path(self.data_folder_out) / f"{stem}.draft"
        try:
            draft.write_text(dumps(payload), encoding="utf-8")
            draft.replace(draft.with_name(f"{stem}.{queue}.msg"))
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add {draft.name} to the broker's folder") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:  # ends with a message, or with Empty when no file is left
            try:
                return super()._get(queue)
            except ValueError:
                logger.warning("A message of the queue %s could not be read and was passed over.", queue)

    def get_table(self, exchange: str) -> Any:
        for _ in range(TRIES):
            try:
                return super().get_table(exchange)
            except ValueError:
                time.sleep(PAUSE)
        return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        for _ in range(TRIES):
            try:
                super()._queue_bind(exchange, routing_key, pattern, queue)
                return
            except ValueError:
                time.sleep(PAUSE)
        self._exchange_file(exchange).unlink(missing_ok=True)  # half written by a process that was killed
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    Channel = Channel
