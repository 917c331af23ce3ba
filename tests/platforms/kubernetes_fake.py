"""An API server on loopback that answers as a real one was recorded, and can misbehave."""

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jupyter_canidothis.platforms.base import Edges
from jupyter_canidothis.platforms.kubernetes import Kubernetes
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

RECORDED = Path(__file__).parents[1] / "recorded" / "kubernetes"
TOKEN = "sesame-open"
ADDED = "node.kubernetes.io/not-ready"
"""What admission put on the recorded nodes before somebody took it off."""


def recorded(name):
    return (RECORDED / name).read_text()


def sections(name):
    """The recorded questions, each with its status and document."""
    for part in recorded(name).split("### ")[1:]:
        asked, _, rest = part.partition("\n")
        body, _, status = rest.partition("\n~ HTTP ")
        yield asked, int(status.split()[0]) if status else 0, body


def recorded_nodes():
    """The three recorded nodes, ready."""
    nodes = json.loads(recorded("nodes.json"))["items"]
    for node in nodes:
        taints = [t for t in node["spec"].get("taints", ()) if t["key"] != ADDED]
        node["spec"]["taints"] = taints
        node["status"]["allocatable"]["ephemeral-storage"] = "100Gi"
    return nodes


def task(kind="uri://docker-container", image="example.org/stars:1", gpu=None, **ranges):
    resources = Resources(
        gpu=gpu,
        **{
            name: Range(*amount) if isinstance(amount, tuple) else Range(amount)
            for name, amount in ranges.items()
        },
    )
    return Task(Executable(kind, image=image), resources)


class FakeKubernetes:
    """Answers lists, reviews and dry runs; everything it was asked is kept."""

    def __init__(self, **lists):
        self.lists = {"nodes": recorded_nodes(), "pods": [], **lists}
        self.allowed = {"pods", "jobs"}
        self.forbidden = set()
        self.groups = ("apps", "batch")
        self.admit = lambda document: None
        self.answers = {}
        self.asked = []
        self.released = threading.Event()

    def answer(self, method, path, query, body):
        """Return status and document."""
        if path in self.answers:
            said = self.answers[path]
            return said(query) if callable(said) else said
        name = path.rpartition("/")[2]
        if path == "/apis":
            groups = [
                {"name": g, "preferredVersion": {"version": "v1beta1"}} for g in self.groups
            ]
            return 200, {"kind": "APIGroupList", "groups": groups}
        if name == "selfsubjectaccessreviews":
            wanted = body["spec"]["resourceAttributes"]["resource"]
            return 201, {"status": {"allowed": wanted in self.allowed}}
        if method == "POST":
            assert query.get("dryRun") == ["All"], "asking creates nothing"
            refused = self.admit(body)
            return refused or (201, body)
        if name in self.forbidden:
            said = f'{name} is forbidden: User "alice" cannot list resource "{name}"'
            return 403, {"kind": "Status", "message": said, "code": 403}
        return 200, self.page(self.lists.get(name, []), query)

    @staticmethod
    def page(items, query):
        start = int(query.get("continue", ["0"])[0])
        size = int(query.get("limit", ["500"])[0])
        more = str(start + size) if start + size < len(items) else ""
        return {"metadata": {"continue": more}, "items": items[start : start + size]}


def _handler(fake):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            self.reply()

        def do_POST(self):
            self.reply()

        def reply(self):
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.asked.append((self.command, self.path, self.headers.get("Authorization")))
            body = json.loads(sent) if sent else None
            status, said = fake.answer(self.command, parts.path, parse_qs(parts.query), body)
            if status == "silence":
                fake.released.wait(60)
                self.close_connection = True
                return
            raw = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            if status == 302:
                self.send_header("Location", "https://elsewhere.example.org/")
            self.end_headers()
            self.wfile.write(raw)

    return Handler


@contextmanager
def serving(fake, certificate=None):
    """Serve in a thread of its own; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    server.daemon_threads = False
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    scheme = "http" if certificate is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
    finally:
        fake.released.set()
        server.shutdown()
        thread.join(30)
        server.server_close()


def kubeconfig(folder, server, user=None, cluster=None, **keys):
    """Write a kubeconfig of one context and return its path."""
    path = folder / "kubeconfig"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "astro"}}
        ],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        **keys,
    }
    path.write_text(json.dumps(document))
    return path


def kubernetes(path, edges=None, **keys):
    return Kubernetes.configure(
        {"kind": "kubernetes", "kubeconfig": str(path), **keys}, edges or Edges()
    )
