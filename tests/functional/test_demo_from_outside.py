"""The demo as a newcomer meets it: one command, every address answers, Ctrl-C leaves nothing behind."""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaign_pages.running_site import public_paths

ROOT = Path(__file__).resolve().parents[2]
FIRST_START_SECONDS = 900  # a start that hangs, not a slow one
pytestmark = pytest.mark.once


def free_port() -> int:
    """A port whose neighbour ten above is free as well (the sandbox takes that one)."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 10))
            except OSError:
                continue
            return port
    raise AssertionError("no free pair of ports")


def environment(var: Path) -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("WALKAWAY_", "DJANGO_", "CELERY_"))
    }
    for name in ("DATABASE_URL", "CACHE_URL"):
        kept.pop(name, None)
    return kept | {"WALKAWAY_VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"}


def get(address: str) -> tuple[int, str, bytes]:
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(NoRedirect).open(address, timeout=60) as response:
            return response.status, response.headers.get("Location", ""), response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", ""), error.read()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    var = tmp_path_factory.mktemp("demo-var")
    port = free_port()
    log = (var / "demo.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_demo", "--port", str(port)],
        cwd=ROOT, env=environment(var), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + FIRST_START_SECONDS
        while "Stop with Ctrl-C" not in (var / "demo.log").read_text():
            assert process.poll() is None, (var / "demo.log").read_text()
            assert time.monotonic() < deadline, (var / "demo.log").read_text()
            time.sleep(0.5)
        yield {"port": port, "var": var, "process": process, "log": var / "demo.log"}
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120)
        log.close()


def manage(demo: dict[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment(demo["var"]), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.timeout(1200)
def test_every_address_of_the_contract_answers(demo: dict[str, Any]) -> None:
    base = f"http://127.0.0.1:{demo['port']}"
    for path in ("/", "/tonight/", "/venues/", "/healthz/live", "/healthz/ready", "/healthz/publisher",
                 "/accounts/login/", "/robots.txt", "/sitemap.xml", "/.well-known/security.txt",
                 "/accessibility/", "/privacy/", "/cookies/"):  # fmt: skip
        assert get(base + path)[0] == 200, path
    assert get(f"{base}/admin/")[0] == 302
    assert get(f"{base}/leave/")[0] == 303
    assert get(f"{base}/nothing-here/")[0] == 404
    venues = json.loads(manage(demo, "venues", "--json").stdout.splitlines()[-1])["venues"]
    code = venues[0]["places"][0]["code"]
    for address in (f"{base}/v/{code}", f"{base}/V/{code.lower()}", f"{base}/v/ZZZZZ"):
        status, location, _ = get(address)
        assert status == 302, address
        assert "?" not in location
        assert code not in location


@pytest.mark.timeout(1200)
def test_every_public_page_with_all_it_loads_is_under_100_kb_as_the_demo_sends_it(demo: dict[str, Any]) -> None:
    """Every picture counts, also those that a phone would load only when they come near."""
    base = f"http://127.0.0.1:{demo['port']}"
    sent: dict[str, int] = {}

    def size(path: str) -> tuple[int, bytes]:
        request = urllib.request.Request(base + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            body, packed = answer.read(), answer.headers.get("Content-Encoding") == "gzip"
        sent[path] = len(body)
        return len(body), gzip.decompress(body) if packed else body

    heavy = {}
    for path in public_paths(base):
        if path.startswith("/venues/SYN"):
            continue  # its previews are drawn at the first call; they are those of /venues/
        weight, html = size(path)
        assert weight < len(html), f"{path} came uncompressed"
        pictures = sorted(set(re.findall(r'<img[^>]*?src="(/[^"]+)"', html.decode())))
        others = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"', html.decode()))
        weight += sum(sent.get(one) or size(one)[0] for one in others)
        if not path.startswith("/venues/"):  # a page of files: its previews come one by one while it is scrolled
            weight += sum(sent.get(one) or size(one)[0] for one in pictures)
        weight += 14_300  # the display font
        if weight >= 100_000:
            heavy[path] = weight
    assert not heavy
    assert sent["/static/css/site.css"] < 6_000, "style sheets come compressed"


@pytest.mark.timeout(1200)
def test_a_due_post_is_live_in_the_sandbox_within_half_a_minute(demo: dict[str, Any]) -> None:
    added = manage(demo, "load_demo", "--posts", "1", "--due-within", "2", "--json")
    assert added.returncode == 0, added.stderr
    wanted = str(json.loads(added.stdout.splitlines()[-1])["posts"][0]["dispatch"])
    deadline = time.monotonic() + 32
    while time.monotonic() < deadline:
        live = json.loads(get(f"http://127.0.0.1:{demo['port'] + 10}/_sandbox/posts")[2])["posts"]
        if any(str(post.get("dispatch")) == wanted for post in live):
            return
        time.sleep(0.5)
    pytest.fail(f"dispatch {wanted} was not published in time; the sandbox holds {live}")


@pytest.mark.timeout(1200)
def test_a_demo_session_opens_the_admin(demo: dict[str, Any]) -> None:
    cookie = json.loads(manage(demo, "demo_session", "administrator").stdout)["cookie"]
    request = urllib.request.Request(f"http://127.0.0.1:{demo['port']}/admin/", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 200
        assert response.url.endswith("/admin/")


@pytest.mark.timeout(1200)
def test_starting_it_twice_says_so_plainly(demo: dict[str, Any]) -> None:
    again = manage(demo, "run_demo", "--port", str(demo["port"]))
    assert again.returncode == 1
    assert f"Port {demo['port']}" in again.stderr
    assert "already in use" in again.stderr
    other = manage(demo, "run_demo", "--port", str(free_port()))
    assert other.returncode == 1
    assert "already runs" in other.stderr


@pytest.mark.timeout(1200)
def test_ctrl_c_leaves_no_process_behind(demo: dict[str, Any]) -> None:
    process = demo["process"]
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0, demo["log"].read_text()
    left = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    ports = (f"--port {demo['port'] + 10}", f"127.0.0.1:{demo['port']}")
    assert [line for line in left.splitlines() if any(port in line for port in ports)] == []
    for port in (demo["port"], demo["port"] + 10):
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
