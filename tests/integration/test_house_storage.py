"""Media on an S3-compatible server, through django-storages against a real local S3 server."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from walkaway.settings.base import s3_storage


@pytest.fixture
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
    client = boto3.client("s3", endpoint_url=address, region_name="eu-west-2")
    client.create_bucket(Bucket="walkaway-media", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    yield address
    server.stop()


def test_files_go_to_the_bucket_and_come_back(s3_server: str) -> None:
    options: dict[str, Any] = s3_storage("walkaway-media")["OPTIONS"]
    storage = S3Storage(**options)
    first = storage.save("pictures/poster.txt", ContentFile(b"walk away"))
    second = storage.save("pictures/poster.txt", ContentFile(b"another"))
    assert first != second, "a file of the same name must never be overwritten"
    with storage.open(first) as file:
        assert file.read() == b"walk away"
    address = storage.url(first)
    assert address.startswith(s3_server)
    assert "Signature" in address, "addresses are signed and run out"
    storage.delete(first)
    assert not storage.exists(first)
