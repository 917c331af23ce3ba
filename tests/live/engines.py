"""A private Docker engine, Podman service and registry on this host, gone at the end."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

PATIENCE = 60.0
"""Seconds for a server to come up on a busy machine."""
BUSYBOX = Path("/bin/busybox")
PAPERMILL = '#!/bin/sh\n[ "$2" = - ] && exec /bin/busybox cat "$1"\nexit 3\n'
"""Stands in for papermill: its output is its input."""
APPLETS = ("sh", "cat", "echo", "sleep", "nproc", "grep", "true", "awk")


def missing(*commands):
    """Return what a test needs and this machine has not."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    absent = [name for name in commands if shutil.which(name, path=path) is None]
    if os.geteuid() != 0:
        absent.append("root")
    if not BUSYBOX.exists():
        absent.append("busybox-static")
    return ", ".join(absent)


def layer(*, foreign=False):
    """Return the one layer of the test image, as a tar: busybox and a few names for it.

    Foreign is for a processor that this machine has not: s390x in the ELF header.
    """
    busybox = bytearray(BUSYBOX.read_bytes())
    if foreign:
        busybox[18:20] = (22).to_bytes(2, "little")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for folder in ("bin", "tmp", "proc", "sys", "dev", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, body in (
            ("busybox", bytes(busybox)),
            ("papermill", PAPERMILL.encode()),
        ):
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.mode, entry.size = 0o755, len(body)
            tar.addfile(entry, io.BytesIO(body))
        for name in APPLETS:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return made.getvalue()


class _Server:
    """A server in its own process group and folder."""

    def __init__(self, argv, env=None):
        self.folder = Path(tempfile.mkdtemp(prefix="engine-", dir="/tmp"))
        self.log = (self.folder / "log").open("wb")
        self.env = {
            **os.environ,
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            **(env or {}),
        }
        self._argv = argv

    def start(self, ready):
        self.process = subprocess.Popen(
            self._argv, stdout=self.log, stderr=self.log, env=self.env, start_new_session=True
        )
        end = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop()
                raise RuntimeError(f"{self._argv[0]} did not start: {self.said()}")
            time.sleep(0.05)

    def said(self):
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
                break
        self.log.close()
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        inside = [line.split()[1] for line in mounts if f" {self.folder}/" in line]
        for mount in sorted(inside, reverse=True):
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class _Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=PATIENCE)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


class Engine(_Server):
    """What both engines have in common; set up by command line, never by our own code."""

    program = ""

    def __enter__(self):
        self.start(self._up)
        return self

    def __exit__(self, *_):
        self.stop()

    def _up(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.api("GET", "/_ping")[0] == 200
        return False

    @property
    def host(self):
        return f"unix://{self.socket}"

    def api(self, method, path, body=None, kind="application/json"):
        talk = _Unix(self.socket)
        try:
            talk.request(method, path, body, {"Content-Type": kind})
            answer = talk.getresponse()
            return answer.status, answer.read()
        finally:
            talk.close()

    def run(self, *argv, timeout=120, **options):
        return subprocess.run(
            argv,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            **options,
        )

    def inventory(self):
        """Return all that there is on the engine, asked of the engine itself."""
        containers = json.loads(self.api("GET", "/containers/json?all=true")[1])
        images = json.loads(self.api("GET", "/images/json?all=true")[1])
        volumes = json.loads(self.api("GET", "/volumes")[1])["Volumes"] or []
        return (
            sorted(one["Id"] for one in containers),
            sorted((one["Id"], tuple(one.get("RepoTags") or ())) for one in images),
            sorted(one["Name"] for one in volumes),
        )


class DockerEngine(Engine):
    program = "docker"

    def __init__(self, *arguments):
        super().__init__([])
        folder = self.folder
        self.socket = folder / "s"
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
        self._argv = [
            "dockerd",
            *(f"--{key}={folder / name}" for key, name in places.items()),
            f"--host=unix://{self.socket}",
            f"--config-file={folder / 'none.json'}",
            "--bridge=none",
            "--iptables=false",
            "--ip-forward=false",
            "--ip-masq=false",
            "--storage-driver=vfs",
            *arguments,
        ]
        (folder / "none.json").write_text("{}")
        (folder / "cli").mkdir()
        self.env |= {"DOCKER_HOST": self.host, "DOCKER_CONFIG": str(folder / "cli")}

    def load(self, tar, name, labels=()):
        """Make an image of one layer, by the engine's import."""
        repo, _, tag = name.rpartition(":")
        changes = "".join(f"&changes=LABEL%20{label}" for label in labels)
        path = f"/images/create?fromSrc=-&repo={repo}&tag={tag}{changes}"
        status, body = self.api("POST", path, tar, "application/x-tar")
        assert status == 200 and b'"error"' not in body, body


class PodmanEngine(Engine):
    program = "podman"

    def __init__(self):
        super().__init__([])
        folder = self.folder
        self.socket = folder / "s"
        # Podman raises both to what the system allows, which a container may not.
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        hard = {name: resource.getrlimit(which)[1] for name, which in limits.items()}
        few = {name: min(1024, most) if most > 0 else 1024 for name, most in hard.items()}
        lines = ",".join(f'"{name}={most}:{most}"' for name, most in few.items())
        (folder / "containers.conf").write_text(
            '[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n'
            f'[containers]\ndefault_ulimits=[{lines}]\nnetns="none"\n'
        )
        (folder / "storage.conf").write_text(
            f'[storage]\ndriver="vfs"\ngraphroot="{folder}/graph"\nrunroot="{folder}/run"\n'
        )
        self.registries()
        self.env |= {
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
            "XDG_RUNTIME_DIR": str(folder),
        }
        self._argv = ["podman", "system", "service", "--time=0", self.host]

    def registries(self, *plain):
        text = "".join(f'[[registry]]\nlocation="{one}"\ninsecure=true\n' for one in plain)
        (self.folder / "registries.conf").write_text(text)

    def load(self, tar, name, labels=()):
        path = self.folder / "layer.tar"
        path.write_bytes(tar)
        changes = [word for label in labels for word in ("--change", f"LABEL {label}")]
        done = self.run("podman", "import", *changes, str(path), name)
        assert done.returncode == 0, done.stderr


class Registry(_Server):
    """The reference registry on loopback; with users it wants a login."""

    def __init__(self, users=None):
        super().__init__([])
        self.port = free_port()
        self.name = f"127.0.0.1:{self.port}"
        self.login = next(iter((users or {}).items()), None)
        auth = ""
        if users:
            import bcrypt

            lines = [
                f"{user}:{bcrypt.hashpw(word.encode(), bcrypt.gensalt(4, b'2a')).decode()}"
                for user, word in users.items()
            ]
            (self.folder / "users").write_text("\n".join(lines) + "\n")
            auth = f"auth:\n  htpasswd:\n    realm: here\n    path: {self.folder}/users\n"
        (self.folder / "config.yml").write_text(
            f"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n"
            f"    rootdirectory: {self.folder}/data\nhttp:\n  addr: {self.name}\n{auth}"
        )
        self._argv = ["docker-registry", "serve", str(self.folder / "config.yml")]

    def __enter__(self):
        self.start(self._up)
        return self

    def __exit__(self, *_):
        self.stop()

    def _up(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def put(self, method, path, body, kind="application/octet-stream"):
        url = path if path.startswith("http") else f"http://{self.name}{path}"
        request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
        if self.login:
            import base64

            pair = base64.b64encode(":".join(self.login).encode()).decode()
            request.add_header("Authorization", f"Basic {pair}")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.headers

    def blob(self, repository, body):
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        place = self.put("POST", f"/v2/{repository}/blobs/uploads/", b"")["Location"]
        self.put("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", body)
        return {"digest": digest, "size": len(body)}

    def push(self, repository, tag, tar, *architectures, labels=None, alone=False):
        """Push an image of one layer: alone, or as an index of several architectures."""
        packed = gzip.compress(tar, 1, mtime=0)
        kind = "application/vnd.oci.image.manifest.v1+json"
        entries = []
        for architecture in architectures:
            config = {
                "architecture": architecture,
                "os": "linux",
                "config": {"Labels": labels or {}, "Cmd": ["/bin/true"]},
                "rootfs": {"type": "layers", "diff_ids": [_digest(tar)]},
            }
            manifest = {
                "schemaVersion": 2,
                "mediaType": kind,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    **self.blob(repository, json.dumps(config).encode()),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                        **self.blob(repository, packed),
                    }
                ],
            }
            body = json.dumps(manifest).encode()
            place = tag if alone else _digest(body)
            self.put("PUT", f"/v2/{repository}/manifests/{place}", body, kind)
            platform = {"os": "linux", "architecture": architecture}
            entries.append(
                {
                    "mediaType": kind,
                    "digest": _digest(body),
                    "size": len(body),
                    "platform": platform,
                }
            )
        if not alone:
            index = "application/vnd.oci.image.index.v1+json"
            body = json.dumps({"schemaVersion": 2, "mediaType": index, "manifests": entries})
            self.put("PUT", f"/v2/{repository}/manifests/{tag}", body.encode(), index)
        return f"{self.name}/{repository}:{tag}"


def _digest(body):
    return "sha256:" + hashlib.sha256(body).hexdigest()


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
