"""A real Kubernetes control plane on loopback: etcd, API server, scheduler, controllers.

Built by ``tests/live/kubernetes/build``. Its nodes are emulated Node objects: the real
scheduler binds pods to them, and no kubelet runs them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

BUILD = Path(__file__).with_name("kubernetes") / "build"
TOKENS = {
    "admin": "admintoken",
    "alice": "alicetoken",
    "bob": "bobtoken",
    "carol": "caroltoken",
}
READY_SECONDS = 60.0
CONTROLLERS = "resourcequota,namespace,job,cronjob,deployment,replicaset,statefulset,daemonset"
WATCHED = (
    "/api/v1/pods",
    "/api/v1/events",
    "/api/v1/configmaps",
    "/api/v1/services",
    "/api/v1/persistentvolumeclaims",
    "/api/v1/resourcequotas",
    "/api/v1/nodes",
    "/apis/batch/v1/jobs",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/statefulsets",
)


def folder() -> Path:
    """Where the build lies, or would."""
    done = subprocess.run([BUILD, "--where"], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def missing() -> str:
    """Say what this host lacks; empty when nothing."""
    if not (folder() / "complete").exists():
        return "there is no built control plane: run tests/live/kubernetes/build"
    lacking = [name for name in ("etcd", "openssl") if shutil.which(name) is None]
    return f"{', '.join(lacking)} not installed" if lacking else ""


class Refused(Exception):
    """The API server said no."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


class ControlPlane:
    """One cluster of its own; gone when the block ends."""

    def __init__(self, nodes=()):
        self.bin = folder()
        self.nodes = nodes
        self._processes = []
        self._parent = None

    def __enter__(self):
        for attempt in range(5):
            try:
                self._start()
                for node in self.nodes:
                    self.add_node(**node)
            except BaseException as error:
                self._stop()
                if attempt == 4 or not isinstance(error, TimeoutError):
                    raise
            else:
                return self
        raise AssertionError

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        self._parent = Path(tempfile.mkdtemp(prefix="kube-"))
        etcd, peer, self.port = free_ports(3)
        run, me = self._parent, "http://127.0.0.1"
        (run / "tokens.csv").write_text(
            "".join(
                f"{token},{name},{name}{',system:masters' if name == 'admin' else ''}\n"
                for name, token in TOKENS.items()
            )
        )
        subprocess.run(
            ["openssl", "genrsa", "-out", run / "sa.key", "2048"],
            capture_output=True,
            check=True,
        )
        self._run(
            "etcd", "etcd", "--data-dir", run / "etcd", "--listen-client-urls", f"{me}:{etcd}",
            "--advertise-client-urls", f"{me}:{etcd}", "--listen-peer-urls", f"{me}:{peer}",
            "--initial-advertise-peer-urls", f"{me}:{peer}",
            "--initial-cluster", f"default={me}:{peer}", "--logger", "zap",
            "--log-level", "warn", "--unsafe-no-fsync",
        )  # fmt: skip
        self._run(
            "kube-apiserver", self.bin / "kube-apiserver", f"--etcd-servers={me}:{etcd}",
            f"--cert-dir={run / 'certs'}", "--bind-address=127.0.0.1",
            f"--secure-port={self.port}", "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC", f"--token-auth-file={run / 'tokens.csv'}",
            f"--service-account-key-file={run / 'sa.key'}",
            f"--service-account-signing-key-file={run / 'sa.key'}",
            "--service-account-issuer=https://canidothis.test",
            "--disable-admission-plugins=ServiceAccount",
        )  # fmt: skip
        self.certificate = run / "certs" / "apiserver.crt"
        self.until(self._ready, READY_SECONDS)
        admin = self.kubeconfig("admin", "default")
        for name, *options in (
            ("kube-scheduler", "--address=127.0.0.1", "--port=0"),
            ("kube-controller-manager", "--bind-address=127.0.0.1", "--port=0",
             f"--controllers={CONTROLLERS}"),
        ):  # fmt: skip
            self._run(
                name, self.bin / name, f"--kubeconfig={admin}", "--leader-elect=false",
                "--secure-port=0", *options,
            )  # fmt: skip

    def _run(self, name, *argv):
        log = (self._parent / f"{name}.log").open("wb")
        self._processes.append(
            subprocess.Popen(
                [str(word) for word in argv], stdout=log, stderr=log, start_new_session=True,
                cwd=self._parent,
            )
        )  # fmt: skip
        log.close()

    def _ready(self):
        if any(process.poll() is not None for process in self._processes):
            raise TimeoutError(self._last_words())
        try:
            self.call("GET", "/readyz")
            self.call("GET", "/api/v1/namespaces/default")
        except (OSError, Refused):
            return False
        return True

    def _last_words(self):
        return "\n".join(path.read_text()[-800:] for path in self._parent.glob("*.log"))

    def _stop(self):
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        self._processes.clear()
        if self._parent is not None:
            shutil.rmtree(self._parent, ignore_errors=True)

    def stop_server(self):
        """End the API server, and leave the rest."""
        os.killpg(self._processes[1].pid, signal.SIGKILL)
        self._processes[1].wait(30)

    @staticmethod
    def until(done, seconds=60.0):
        """Poll, bounded, for what another program does in its own time."""
        deadline = time.monotonic() + seconds
        while not (found := done()):
            if time.monotonic() > deadline:
                raise TimeoutError("it did not happen in time")
            time.sleep(0.05)
        return found

    def call(self, method, path, body=None, user="admin"):
        """Make one request and return the document; `Refused` when the server says no."""
        kind = {"PATCH": "application/merge-patch+json"}.get(method, "application/json")
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {TOKENS[user]}", "Content-Type": kind},
            method=method,
        )
        context = ssl._create_unverified_context()
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                said = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode()
            message = json.loads(said)["message"] if said.startswith("{") else said
            raise Refused(error.code, message) from error
        return json.loads(said) if said.startswith(b"{") else said.decode()

    def kubeconfig(self, user, namespace, **cluster):
        """Write the kubeconfig of one user and return its path."""
        path = self._parent / f"{user}-{namespace}.kubeconfig"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "clusters": [
                {
                    "name": "here",
                    "cluster": {
                        "server": f"https://127.0.0.1:{self.port}",
                        "certificate-authority": str(self.certificate),
                        **cluster,
                    },
                }
            ],
            "contexts": [
                {
                    "name": user,
                    "context": {"cluster": "here", "user": user, "namespace": namespace},
                }
            ],
            "users": [{"name": user, "user": {"token": TOKENS[user]}}],
        }
        path.write_text(json.dumps(document))
        return path

    def kubectl(self, config, *argv, **options):
        """Run kubectl of the same build."""
        done = subprocess.run(
            [self.bin / "kubectl", f"--kubeconfig={config}", *argv],
            capture_output=True, text=True, timeout=60, check=True, **options,
        )  # fmt: skip
        return done.stdout

    def add_node(
        self, name, cpu, memory, *, gpus=0, labels=None, taints=(), cordoned=False, pods=110
    ):
        """Make one emulated node, ready."""
        self.call(
            "POST",
            "/api/v1/nodes",
            {
                "metadata": {
                    "name": name,
                    "labels": {
                        "kubernetes.io/hostname": name,
                        "kubernetes.io/arch": "amd64",
                        **(labels or {}),
                    },
                }
            },
        )
        sizes = {
            "cpu": str(cpu),
            "memory": memory,
            "pods": str(pods),
            "ephemeral-storage": "100Gi",
        }
        if gpus:
            sizes["nvidia.com/gpu"] = str(gpus)
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady",
                 "lastHeartbeatTime": "2026-01-01T00:00:00Z",
                 "lastTransitionTime": "2026-01-01T00:00:00Z"}  # fmt: skip
        status = {"capacity": sizes, "allocatable": sizes, "conditions": [ready]}
        self.call("PATCH", f"/api/v1/nodes/{name}/status", {"status": status})
        # Admission taints a new node as not ready; nobody else here takes that off.
        spec = {"taints": list(taints) or None, "unschedulable": cordoned or None}
        self.call("PATCH", f"/api/v1/nodes/{name}", {"spec": spec})

    def add_namespace(self, name, *, quota=None, limits=None, scopes=None):
        """Make one namespace, its quota in force."""
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        if limits:
            body = {"metadata": {"name": "limits"}, "spec": {"limits": limits}}
            self.call("POST", f"/api/v1/namespaces/{name}/limitranges", body)
        if quota:
            path = f"/api/v1/namespaces/{name}/resourcequotas"
            spec = {"hard": quota, **({"scopes": scopes} if scopes else {})}
            self.call("POST", path, {"metadata": {"name": "quota"}, "spec": spec})
            self.until(lambda: self.call("GET", f"{path}/quota")["status"].get("used"))

    def allow(self, user, namespace, resources, verbs=("get", "list", "create", "delete")):
        """Let a user do something in a namespace."""
        root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        name = f"{user}-{len(self.call('GET', f'{root}/roles')['items'])}"
        rules = [{"apiGroups": ["*"], "resources": list(resources), "verbs": list(verbs)}]
        self.call("POST", f"{root}/roles", {"metadata": {"name": name}, "rules": rules})
        self._bind(f"{root}/rolebindings", name, "Role", user)

    def allow_everywhere(self, user, resources):
        """Let a user list something of the whole cluster."""
        root = "/apis/rbac.authorization.k8s.io/v1"
        name = f"{user}-lists-{'-'.join(resources)}"
        rules = [{"apiGroups": ["*"], "resources": list(resources), "verbs": ["get", "list"]}]
        self.call("POST", f"{root}/clusterroles", {"metadata": {"name": name}, "rules": rules})
        self._bind(f"{root}/clusterrolebindings", name, "ClusterRole", user)

    def _bind(self, path, name, kind, user):
        group = "rbac.authorization.k8s.io"
        self.call(
            "POST",
            path,
            {
                "metadata": {"name": name},
                "roleRef": {"apiGroup": group, "kind": kind, "name": name},
                "subjects": [{"kind": "User", "name": user, "apiGroup": group}],
            },
        )

    def picture(self):
        """Everything that asking must not change, each object with its version."""
        return {
            path: sorted(
                (
                    item["metadata"].get("namespace", ""),
                    item["metadata"]["name"],
                    item["metadata"]["resourceVersion"],
                    json.dumps(item.get("status", {}).get("used", {}), sort_keys=True),
                )
                for item in self.call("GET", path)["items"]
            )
            for path in WATCHED
        }


def free_ports(count):
    """Return ports that are free now; whoever takes one first wins, and we try again."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
