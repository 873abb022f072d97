"""Uploads that are sealed while they arrive: no plain copy of a police file is written by this application.

Django itself would put an upload of more than 2.5 MB into a plain temporary file. What a web server in front keeps
while a request arrives is its own matter: docs/deployment.md.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from analytics.police_data.quarantine import QuarantineError, Sealed, Sealing, open_sealed


class SealedUpload(UploadedFile):
    """An upload that lies sealed in quarantine; reading it opens the seal. Unless it is claimed, it goes with the
    request."""

    def __init__(self, sealed: Sealed, *args: Any) -> None:
        super().__init__(None, *args)
        self.sealed, self.size, self._claimed = sealed, sealed.size, False

    def claim(self) -> Sealed:
        """The sealed file; whoever claims it keeps or drops it."""
        self._claimed = True
        return self.sealed

    def open(self, mode: str | None = None, *args: Any, **kwargs: Any) -> Any:
        if self.file is None or self.file.closed:
            self.file = open_sealed(self.sealed.path)
        self.seek(0)
        return self

    def read(self, size: int = -1) -> bytes:
        if self.file is None:
            self.open()
        assert self.file is not None
        return bytes(self.file.read(size))

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
        if not self._claimed:
            self.sealed.drop()


class SealedUploadHandler(FileUploadHandler):
    """Seals the file of one field of a form; other fields go to the handlers after it.

    What goes wrong (no key, a full disk) is left in ``request.sealed_upload_error``, in words; the form then lacks
    the file.
    """

    chunk_size = 1 << 20

    def __init__(self, request: HttpRequest, field: str = "file") -> None:
        super().__init__(request)
        self._field, self._sealing = field, None

    _sealing: Sealing | None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name == self._field:
            try:
                self._sealing = Sealing()
            except QuarantineError as error:
                self._stop(error)
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._sealing is None:
            return raw_data
        try:
            self._sealing.write(raw_data)
        except QuarantineError as error:
            self._stop(error)
        return None

    def file_complete(self, file_size: int) -> SealedUpload | None:
        if self._sealing is None:
            return None
        try:
            sealed = self._sealing.finish()
        except QuarantineError as error:
            self._stop(error)
        self._sealing = None
        return SealedUpload(
            sealed, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if self._sealing is not None:
            self._sealing.abandon()

    def _stop(self, error: QuarantineError) -> None:
        self.upload_interrupted()
        if self.request is not None:
            self.request.sealed_upload_error = str(error)  # type: ignore[attr-defined]
        raise StopUpload(connection_reset=False) from error


def seals_upload(permission: str, field: str = "file") -> Callable[..., Any]:
    """For a view that takes a police file: who may not send one is refused before a byte is read, and the file is
    sealed as it arrives. The check of the form's token comes after that, as it reads the form."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def sealing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                if not request.user.has_perm(permission):
                    raise PermissionDenied
                request.upload_handlers.insert(0, SealedUploadHandler(request, field))
            return checked(request, *args, **kwargs)

        return sealing

    return decorate
