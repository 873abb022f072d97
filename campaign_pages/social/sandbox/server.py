"""A local server that speaks the platforms' protocols. Standard library only; what it shows is SIMULATED.

`/instagram/<version>/...` answers as graph.facebook.com does; `GET /_sandbox/posts` lists everything live, oldest
first, so that a test can count doubles from outside; `/` shows the same to people.
"""

import html
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from campaign_pages.social.sandbox import instagram_routes
from campaign_pages.social.sandbox.faults import Fault, Faults
from campaign_pages.social.sandbox.state import SandboxState

STYLE = """body{margin:0;font:1.1rem/1.5 system-ui,sans-serif;background:#0b0b16;color:#f7f2e8}main{max-width:60rem;
margin:auto;padding:1rem}h1 strong{background:#d11a0f;color:#fff;padding:0 .5rem}article{background:#171627;padding:1rem;
margin:1rem 0;border-left:.4rem solid #ff5a1f;white-space:pre-wrap;overflow-wrap:anywhere}small{color:#bdb8cc}"""


class SandboxServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, *, faults: Faults | None = None, keep_in: Path | None = None) -> None:
        self.state = SandboxState(keep_in)
        self.faults = faults or Faults([])
        super().__init__(("127.0.0.1", port), SandboxHandler)


class SandboxHandler(BaseHTTPRequestHandler):
    server: SandboxServer
    protocol_version = "HTTP/1.1"
    server_version = "PlatformSandbox/1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the demo's window belongs to people."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/_sandbox/posts":
            with self.server.state.lock:
                rows = [
                    post.public() for post in sorted(self.server.state.posts, key=lambda post: post.published_at)
                ]
            self._send_json(200, {"posts": rows})
        elif path == "/":
            self._send(200, "text/html; charset=utf-8", _page(self.server.state).encode())
        else:
            self._platform("GET", dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        fields = dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True))
        self._platform("POST", fields)

    def _platform(self, method: str, fields: dict[str, str]) -> None:
        match = re.fullmatch(r"/instagram/v\d+\.\d+/(.+)", urlsplit(self.path).path)
        if match is None:
            self._send_json(404, {"error": {"message": "The sandbox does not know this address.", "code": 2500}})
            return
        path = match[1]
        step = instagram_routes.step_of(method, path)
        fault = self.server.faults.draw("instagram", step)
        if fault is not None and self._fail_before(fault):
            return
        if fault is not None and fault.kind == "late_commit":
            # The caller gets an error now; the post appears later all the same.
            timer = threading.Timer(
                fault.seconds, instagram_routes.answer, (self.server.state, method, path, fields, None)
            )
            timer.daemon = True
            timer.start()
            self._send_json(
                503, {"error": {"message": "Service temporarily unavailable", "code": 2, "is_transient": True}}
            )
            return
        answer = instagram_routes.answer(self.server.state, method, path, fields, fault)
        if fault is not None and self._fail_after(fault):
            return
        self._send_json(answer.status, answer.body)

    def _fail_before(self, fault: Fault) -> bool:
        """Faults in which nothing happens at the platform."""
        match fault.kind:
            case "429":
                self._send_json(429, {"error": {"message": "Application request limit reached", "code": 4}})
            case "500":
                self._send_json(500, {"error": {"message": "An unknown error occurred", "code": 1}})
            case "html":
                self._send(502, "text/html", b"<html><h1>Bad gateway</h1></html>")
            case "expired_token" | "rotated_token":
                self._send_json(400, {"error": {"message": "Error validating access token", "code": 190}})
            case _:
                return False
        return True

    def _fail_after(self, fault: Fault) -> bool:
        """Faults in which the platform did what was asked, and the caller is not told."""
        match fault.kind:
            case "drop_after_commit":
                self.close_connection = True
                self.connection.close()
            case "500_after_commit":
                self._send_json(500, {"error": {"message": "An unknown error occurred", "code": 1}})
            case "hang":
                time.sleep(fault.seconds)
                self.close_connection = True
                self.connection.close()
            case _:
                return False
        return True

    def _send_json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the caller went away, or was killed


def _page(state: SandboxState) -> str:
    with state.lock:
        posts = list(reversed(state.posts))
    items = "".join(
        f"<article>{html.escape(post.text)}<br><small>{html.escape(post.platform)} · account "
        f"{html.escape(post.account)} · {html.escape(post.platform_id)}</small></article>"
        for post in posts
    )
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width"><title>SIMULATED platforms</title><style>'
        + STYLE
        + "</style></head><body><main>"
        "<h1><strong>SIMULATED</strong> What would be live</h1><p>Nothing here left this machine. "
        f"{len(posts)} posts, newest first.</p>{items or '<p>Nothing yet.</p>'}</main></body></html>"
    )
