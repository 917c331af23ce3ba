"""Terminals of the tests: they keep what is printed on them."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.TextIOWrapper):
    """Text that is shown on a screen."""

    def __init__(self, encoding="utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding, newline="")

    def isatty(self):
        return True

    def getvalue(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


def without_escapes(text):
    """Return the words of what was printed."""
    return ESCAPES.sub("", text)


DEADLINE = 90


class Running:
    """A command in a terminal of its own."""

    def __init__(self, command, environment, width):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        self._master = master
        self.text = ""
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - one call, no threads in the child
        )
        os.close(slave)

    def read_until(self, happened):
        end = time.monotonic() + DEADLINE
        while not happened(self.text):
            assert time.monotonic() < end, self.text
            if select.select([self._master], [], [], 1)[0] and not self._read():
                break
        assert happened(self.text), self.text

    def _read(self):
        with contextlib.suppress(OSError):
            data = os.read(self._master, 65536)
            self.text += data.decode()
            return bool(data)
        return False

    def press_ctrl_c(self):
        os.write(self._master, b"\x03")

    def end(self):
        end = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < end, self.text
            if select.select([self._master], [], [], 0.1)[0]:
                self._read()
        while select.select([self._master], [], [], 0)[0] and self._read():
            pass
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)


def _own_terminal():
    # As a shell does, so that Ctrl-C reaches the command as a signal.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
