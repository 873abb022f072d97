"""The demo's foreground process: website, publisher (Celery with beat) and platform sandbox as its children.

Each child gets a process group of its own, so that stopping the demo stops everything it started.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from types import FrameType
from typing import IO

from django.conf import settings
from django.core.management import call_command

from campaign_pages.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from campaign_pages.venues import packs

SANDBOX_OFFSET = 10
GRACE_SECONDS = 10


class PortTaken(Exception):
    """Somebody already listens on the port, or a demo already runs on this checkout's data."""


class DemoServer:
    def __init__(self, *, port: int, seed: int, say: Callable[[str], None]) -> None:
        self.port = port
        self.sandbox_port = port + SANDBOX_OFFSET
        self.seed = seed
        self.say = say
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def run(self) -> None:
        self._refuse_taken_port(self.port, "website")
        self._refuse_taken_port(self.sandbox_port, "platform sandbox")
        lock = self._lock_data()
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        try:
            self._prepare()
            if not self.stopping:
                self._start()
                self._announce()
                self._watch()
        finally:
            self._stop()
            lock.close()

    def _refuse_taken_port(self, port: int, what: str) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise PortTaken(
                    f"Port {port} (for the {what}) is already in use. If the demo runs in another window, use that "
                    f"one or stop it with Ctrl-C; otherwise choose another port: make demo PORT={self.port + 100}"
                ) from error

    def _lock_data(self) -> IO[str]:
        lock = (settings.VAR_DIR / "demo.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise PortTaken(
                f"A demo already runs on this checkout's data (port {lock.read().strip() or 'unknown'}). "
                "Stop it with Ctrl-C in its window, then start again."
            ) from error
        lock.truncate(0)
        lock.write(str(self.port))
        lock.flush()
        return lock

    def _prepare(self) -> None:
        for line, command, options in (
            ("Bringing the database up to date ...", "migrate", {"verbosity": 0, "interactive": False}),
            ("Building the fonts ...", "build_fonts", {}),
            ("Loading demo content and synthetic data ...", "load_demo", {"seed": self.seed}),
        ):
            if self.stopping:
                return
            self.say(line)
            call_command(command, **options)
        if not self.stopping:
            self.say("Making and checking the general poster packs (once) ...")
            for venue_type in packs.ASK_LINES:
                packs.pack_files(packs.design_for(venue_type=venue_type))

    def _start(self) -> None:
        python = sys.executable
        self._spawn(
            "platform sandbox", [python, "manage.py", "platform_sandbox", "--port", str(self.sandbox_port)]
        )
        self._spawn(
            "publisher",
            [python, "-m", "celery", "-q", "-A", "walkaway", "worker", "-B", "-Q", "default,publish", "--concurrency", "2",
             "--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
        )  # fmt: skip
        self._spawn(
            "website",
            [python, "-m", "waitress", f"--listen=127.0.0.1:{self.port}", "--threads=8", "--connection-limit=1000",
             "--channel-timeout=20", "walkaway.wsgi:application"],
        )  # fmt: skip

    def _spawn(self, name: str, command: list[str]) -> None:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "walkaway.settings.development"),
            "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",  # it is only a demo, whoever runs it
            "WALKAWAY_BASE_URL": f"http://127.0.0.1:{self.port}",
            "WALKAWAY_SANDBOX_URL": f"http://127.0.0.1:{self.sandbox_port}",
        }
        self.children[name] = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, start_new_session=True, preexec_fn=_die_with_parent
        )

    def _announce(self) -> None:
        address = f"http://127.0.0.1:{self.port}"
        for _ in range(300):
            if self.stopping or any(child.poll() is not None for child in self.children.values()):
                return
            try:
                with urllib.request.urlopen(f"{address}/healthz/live", timeout=2):  # noqa: S310
                    break
            except OSError:
                time.sleep(0.1)
        people = "\n".join(f"    {person.email:38} {person.role}" for person in DEMO_PEOPLE)
        self.say(
            f"""
Walk Away is running. Everything in it is demo content; venues, crimes and results are synthetic.

  Public site       {address}/
  Tonight           {address}/tonight/
  Venue pack        {address}/venues/
  Sign in           {address}/admin/
  Platform sandbox  http://127.0.0.1:{self.sandbox_port}/   (what would be on Instagram; SIMULATED)

  Sign-ins (password for all: {DEMO_PASSWORD})
{people}

Stop with Ctrl-C. Data is kept in {settings.VAR_DIR}; delete that folder to begin afresh.
"""
        )

    def _watch(self) -> None:
        while not self.stopping:
            for name, child in self.children.items():
                if child.poll() is not None:
                    self.say(f"The {name} stopped by itself (exit code {child.returncode}). Stopping the rest.")
                    raise SystemExit(1)
            time.sleep(0.3)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _stop(self) -> None:
        if not self.children:
            return
        self.say("Stopping ...")
        for child in self.children.values():
            child.terminate()  # the parent alone: it tells its own workers
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.wait()
        for child in self.children.values():  # grandchildren that outlived their parent
            _signal_group(child, signal.SIGKILL)
        self.say("All stopped.")


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _die_with_parent() -> None:
    """On Linux a child also ends when the demo's own process is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, see prctl(2)
