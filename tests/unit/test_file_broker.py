"""The broker made of files: a worker never meets half a message, and lives on when it meets rubbish."""

import json
import logging
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from walkaway import file_broker
from walkaway.celery import app


@pytest.fixture
def channel(tmp_path):
    folder = str(tmp_path)
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": str(tmp_path / "control")}
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.default_channel


def test_celery_uses_it(channel):
    assert type(channel) is file_broker.Channel
    assert isinstance(app.connection_for_read("filesystem://").transport, file_broker.Transport)


def test_a_message_has_its_name_only_when_it_is_complete(channel, tmp_path, monkeypatch):
    seen, original = [], Path.replace

    def looked(self, target):
        seen.append(([path.name for path in tmp_path.glob("*.msg")], json.loads(self.read_text())))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", looked)
    channel._put("default", {"body": "x" * 100_000})
    assert seen == [([], {"body": "x" * 100_000})]
    assert channel._get("default") == {"body": "x" * 100_000}
    assert list(tmp_path.glob("*.*")) == []


@pytest.mark.parametrize("rubbish", [b"", b'{"body": "half', b"\xff\xfe"])
def test_a_message_that_cannot_be_read_is_passed_over(channel, tmp_path, rubbish, caplog):
    (tmp_path / "0_first.default.msg").write_bytes(rubbish)
    channel._put("default", {"body": "good"})
    with caplog.at_level(logging.WARNING):
        assert channel._get("default") == {"body": "good"}
    assert "passed over" in caplog.text
    with pytest.raises(file_broker.filesystem.Empty):
        channel._get("default")


def test_a_half_written_table_of_an_exchange_is_written_anew(channel, tmp_path, monkeypatch):
    monkeypatch.setattr(file_broker, "PAUSE", 0)
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "works.exchange").write_bytes(b"")
    assert channel.get_table("works") == []
    channel._queue_bind("works", "key", "", "default")
    assert [row.queue for row in channel.get_table("works")] == ["default"]


def test_a_folder_that_is_gone_is_an_error_of_the_channel(channel, tmp_path):
    channel.data_folder_out = str(tmp_path / "gone")
    with pytest.raises(ChannelError):
        channel._put("default", {})
