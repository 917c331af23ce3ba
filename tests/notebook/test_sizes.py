from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.live import describe_live
from jupyter_canidothis.notebook.sizes import ASKED_CAP
from jupyter_canidothis.transport import Response, Transport


class Server(Transport):
    """Answers HEAD from a table and remembers what it was asked."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers
        self.asked = []

    async def fetch(self, url, *, method="GET", strict=False, **_):
        self.asked.append((method, url, strict))
        if url not in self.answers:
            raise PlatformUnreachable("no such host")
        status, headers = self.answers[url]
        return Response(status, headers, b"", url)


CELL = """
a = 'https://x.org/a.fits'
b = 'https://x.org/b.csv?token=secret'
c = 'http://x.org/plain.fits'
d = 'https://x.org/page'
e = 'https://x.org/gone.fits'
f = 'https://x.org/odd.fits'
"""


async def test_remote_files_are_asked_for_their_size_strictly(book):
    server = Server(
        {
            "https://x.org/a.fits": (200, {"Content-Length": "123"}),
            "https://x.org/b.csv": (200, {}),
            "https://x.org/odd.fits": (200, {"Content-Length": "9" * 30}),
            "https://x.org/gone.fits": (404, {"Content-Length": "9"}),
        }
    )
    task = await describe_live(book(CELL), http=server)
    found = {one.location: one for one in task.data}
    assert {location: one.size for location, one in found.items() if one.size} == {
        "https://x.org/a.fits": 123
    }
    assert found["https://x.org/a.fits"].evidence[-1].source == "HEAD https://x.org/a.fits"
    assert {(method, strict) for method, _, strict in server.asked} == {("HEAD", True)}
    assert {url for _, url, _ in server.asked} == {
        f"https://x.org/{name}" for name in ("a.fits", "b.csv", "gone.fits", "odd.fits")
    }


async def test_no_server_is_asked_unless_the_caller_wants_it(book):
    task = await describe_live(book(CELL))
    assert task.data == describe(book(CELL)).data


async def test_only_some_are_asked(book):
    server = Server({})
    cell = "\n".join(f"x = 'https://x.org/{number}.fits'" for number in range(99))
    await describe_live(book(cell), http=server)
    assert len(server.asked) == ASKED_CAP
