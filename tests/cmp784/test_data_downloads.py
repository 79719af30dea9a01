"""Files come from the mirror, the cache or a server, and never with a wrong checksum."""

import hashlib
import http.server
import logging
import os
import pickle
import threading
import traceback
from pathlib import Path

import pytest

from cmp784 import data
from cmp784.data import downloads
from cmp784.data.downloads import cache_folder, fetch_source, mirror_folder
from cmp784.data.registry import Source

CONTENT = bytes(range(256)) * 600
DAMAGED = CONTENT[:-1] + b"?"


def sends(content):
    """Make a server's answer: this content."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def breaks_off(handler):
    """Announce the whole file, send half of it, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])
    handler.close_connection = True


class Stalls:
    """Send half of the file, and then nothing until the test is over."""

    def __init__(self):
        self.over = threading.Event()

    def __call__(self, handler):
        """Answer one request."""
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[: len(CONTENT) // 2])
        handler.wfile.flush()
        self.over.wait(30)


def says(status):
    """Make a server's answer: this status and no file."""
    return lambda handler: handler.send_error(status)


class FailsTwice:
    """Fail at the first two requests, then serve the file."""

    def __init__(self, failure):
        self.failures = [failure, failure]

    def __call__(self, handler):
        """Answer one request."""
        (self.failures.pop() if self.failures else sends(CONTENT))(handler)


class Silent:
    """Accept the request and say nothing until the test is over."""

    def __init__(self):
        self.over = threading.Event()

    def __call__(self, handler):
        """Answer one request."""
        self.over.wait(30)


class Server:
    """A web server on this machine: each path has its answer, and requests are counted."""

    def __init__(self):
        self.answers, self.requests = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.path)
                outer.answers[self.path](self)

            def log_message(self, *args):
                """Say nothing in the tests' output."""

        class Patient(http.server.ThreadingHTTPServer):
            request_queue_size = 64  # of the usual five, a test with eight threads loses some

        self.http = Patient(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def serve(self, path, answer):
        """Answer requests for a path; return its address."""
        self.answers[path] = answer
        return f"http://127.0.0.1:{self.http.server_port}{path}"


@pytest.fixture
def server():
    """Run a web server for one test."""
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Give each test an empty cache, no mirror, no proxy, and no pauses."""
    monkeypatch.setenv("CMP784_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CMP784_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(downloads, "TIMEOUT", (1.0, 0.5))


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Set an empty mirror."""
    folder = tmp_path / "mirror"
    (folder / "set").mkdir(parents=True)
    monkeypatch.setenv("CMP784_DATA", str(folder))
    return folder


def make_source(*urls, content=CONTENT, **changes):
    """Describe the file of these tests."""
    fields = {
        "dataset": "set",
        "name": "file.bin",
        "checksum": "sha256:" + hashlib.sha256(content).hexdigest(),
        "urls": urls,
        "size": len(content),
        "licence": "CC0",
        "note": "",
        "description": "A file",
    }
    return Source(**{**fields, **changes})


def files_below(folder: Path):
    """List the files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_download_lands_in_the_cache_once(server):
    """The first call downloads the file; the second asks nobody."""
    wanted = make_source(server.serve("/a", sends(CONTENT)))

    paths = [fetch_source(wanted), fetch_source(wanted)]

    assert paths == [cache_folder() / "set" / "file.bin"] * 2
    assert paths[0].read_bytes() == CONTENT
    assert server.requests == ["/a"]
    assert files_below(cache_folder()) == ["set/file.bin"]


@pytest.mark.parametrize(
    "first",
    [says(404), says(403), sends(DAMAGED), sends(b""), sends(b"<html>Log in</html>")],
    ids=["not found", "forbidden", "corrupted", "empty", "login page"],
)
def test_bad_first_address_leads_to_the_second_without_asking_twice(server, first):
    """A mirror that has not got the right file is passed over."""
    wanted = make_source(server.serve("/a", first), server.serve("/b", sends(CONTENT)))

    assert fetch_source(wanted).read_bytes() == CONTENT
    assert server.requests == ["/a", "/b"]
    assert files_below(cache_folder()) == ["set/file.bin"]


def test_unreachable_first_address_leads_to_the_second(server):
    """A server that nobody runs is passed over."""
    wanted = make_source("http://127.0.0.1:9/a", server.serve("/b", sends(CONTENT)))

    assert fetch_source(wanted).read_bytes() == CONTENT


def test_silent_first_address_leads_to_the_second(server):
    """A server that never answers is given up after the time limit."""
    silent = Silent()
    wanted = make_source(server.serve("/a", silent), server.serve("/b", sends(CONTENT)))

    assert fetch_source(wanted).read_bytes() == CONTENT
    silent.over.set()


@pytest.mark.parametrize("failure", [says(503), breaks_off], ids=["busy", "breaks off"])
def test_server_that_fails_twice_is_asked_three_times(server, failure):
    """A failure that may pass is not the last word."""
    wanted = make_source(server.serve("/a", FailsTwice(failure)))

    assert fetch_source(wanted).read_bytes() == CONTENT
    assert server.requests == ["/a"] * 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (breaks_off, "the connection broke off"),
        (sends(DAMAGED), "corrupted or another file: its checksum is wrong"),
        (says(404), "the server answers with status 404"),
        (says(500), "the server answers with status 500"),
    ],
    ids=["truncated", "corrupted", "not found", "failing"],
)
def test_failed_download_leaves_no_file_and_says_why(server, answer, words):
    """What did not arrive whole is gone, and the error says what happened."""
    url = server.serve("/a", answer)

    with pytest.raises(data.DataError, match=f'"{url}": .*{words}'):
        fetch_source(make_source(url))
    assert files_below(cache_folder()) == []


def test_download_that_stalls_is_given_up(server):
    """A server that falls silent in the middle of the file does not hold the notebook for ever."""
    stalls = Stalls()

    with pytest.raises(data.DataError, match="no answer in time"):
        fetch_source(make_source(server.serve("/a", stalls)))
    stalls.over.set()
    assert files_below(cache_folder()) == []


def test_interrupted_download_leaves_no_file(server, monkeypatch):
    """Ctrl-C in the middle of a download leaves neither a half file nor a temporary one."""

    class Interrupting(downloads.tqdm):
        def update(self, n=1):
            raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "tqdm", Interrupting)
    wanted = make_source(server.serve("/a", sends(CONTENT)))

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        fetch_source(wanted)
    assert files_below(cache_folder()) == []


def test_corrupted_cache_is_downloaded_again(server, caplog):
    """A damaged file in the cache is replaced, and a warning says so."""
    path = cache_folder() / "set" / "file.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(DAMAGED)
    wanted = make_source(server.serve("/a", sends(CONTENT)))

    with caplog.at_level(logging.WARNING):
        assert fetch_source(wanted).read_bytes() == CONTENT

    assert "file.bin" in caplog.text
    assert "is not used: corrupted (sha256" in caplog.text


def test_corrupted_cache_without_network_is_an_error():
    """A damaged file is not used even where no other can be had."""
    path = cache_folder() / "set" / "file.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:100])

    with pytest.raises(data.DataError, match=r"corrupted \(100 bytes, expected 153,600\)"):
        fetch_source(make_source("http://127.0.0.1:9/a"))


def test_file_that_is_damaged_after_its_first_use_is_noticed(server):
    """The memory of checked files ends where a file changes."""
    wanted = make_source(server.serve("/a", sends(CONTENT)))
    path = fetch_source(wanted)
    path.write_bytes(DAMAGED)
    os.utime(path, ns=(1, 1))

    assert fetch_source(wanted).read_bytes() == CONTENT
    assert server.requests == ["/a", "/a"]


def test_unchanged_file_is_read_once_for_its_checksum(server, monkeypatch):
    """A file whose length and time are the same is not read again to check it."""
    read = []
    real = downloads.pooch.file_hash
    wanted = make_source(server.serve("/a", sends(CONTENT)))
    fetch_source(wanted)
    monkeypatch.setattr(
        downloads.pooch, "file_hash", lambda path, alg: read.append(path) or real(path, alg)
    )

    paths = {fetch_source(wanted) for _ in range(3)}

    assert read == [str(path) for path in paths]


def test_mirror_is_read_in_place_and_not_written_to(mirror, server):
    """A file in the mirror is used where it lies; the cache stays empty."""
    (mirror / "set" / "file.bin").write_bytes(CONTENT)
    before = (mirror / "set").stat().st_mtime_ns

    path = fetch_source(make_source(server.serve("/a", sends(CONTENT))))

    assert path == mirror / "set" / "file.bin"
    assert (server.requests, files_below(cache_folder())) == ([], [])
    assert (mirror / "set").stat().st_mtime_ns == before


def test_relative_mirror_is_found_from_a_notebooks_folder(mirror, monkeypatch):
    """A mirror named relative to the repository serves a notebook two folders below it."""
    folder = mirror.parent / "course" / "lectures" / "week01"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CMP784_DATA", "../mirror")

    assert mirror_folder().samefile(mirror)


def test_file_that_the_mirror_lacks_is_downloaded_to_the_cache(mirror, server):
    """The mirror need not hold everything, and gets nothing."""
    path = fetch_source(make_source(server.serve("/a", sends(CONTENT))))

    assert path == cache_folder() / "set" / "file.bin"
    assert files_below(mirror) == []


def test_corrupted_mirror_is_left_alone_and_not_used(mirror, server, caplog):
    """A damaged file in the mirror is downloaded into the cache instead, with a warning."""
    (mirror / "set" / "file.bin").write_bytes(DAMAGED)

    path = fetch_source(make_source(server.serve("/a", sends(CONTENT))))

    assert path == cache_folder() / "set" / "file.bin"
    assert (mirror / "set" / "file.bin").read_bytes() == DAMAGED
    assert "is not used: corrupted" in caplog.text


def test_corrupted_mirror_without_network_is_named_in_the_error(mirror):
    """The error says that the mirror has the file, but damaged."""
    (mirror / "set" / "file.bin").write_bytes(DAMAGED)

    with pytest.raises(data.DataError, match=rf'"{mirror}/set/file.bin": corrupted \(sha256'):
        fetch_source(make_source("http://127.0.0.1:9/a"))


def test_mirror_that_does_not_exist_is_an_error(monkeypatch, tmp_path):
    """A misspelt mirror is not passed over in silence."""
    monkeypatch.setenv("CMP784_DATA", str(tmp_path / "mirrr"))

    with pytest.raises(data.DataError, match=r'CMP784_DATA names ".*mirrr", which is not a folder'):
        data.names()


def test_empty_mirror_variable_means_no_mirror(monkeypatch):
    """A variable that is set to nothing is not set."""
    monkeypatch.setenv("CMP784_DATA", "")

    assert mirror_folder() is None


def test_home_sign_in_the_variables_is_understood(monkeypatch):
    """A tilde in a variable means the home folder, as in a shell."""
    monkeypatch.setenv("CMP784_CACHE", "~/my-cache")

    assert cache_folder() == Path.home() / "my-cache"


def test_cache_without_a_variable_is_the_system_one(monkeypatch):
    """Where nothing is set, downloads go to the cache folder of the system."""
    monkeypatch.delenv("CMP784_CACHE")

    assert cache_folder() == Path(downloads.pooch.os_cache("cmp784"))


def test_cache_that_cannot_be_written_names_the_variable(monkeypatch, tmp_path):
    """Where the cache cannot be made, the error says how to choose another."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CMP784_CACHE", str(tmp_path / "file"))

    with pytest.raises(data.DataError, match=r"Cannot write into the folder.*CMP784_CACHE"):
        fetch_source(make_source("http://127.0.0.1:9/a"))


def test_file_with_only_an_md5_is_checked_too(server):
    """An MD5 in the registry is compared like a SHA-256."""
    good, bad = server.serve("/good", sends(CONTENT)), server.serve("/bad", sends(DAMAGED))
    checksum = "md5:" + hashlib.md5(CONTENT).hexdigest()
    wanted = make_source(bad, good, checksum=checksum, size=None)

    assert fetch_source(wanted).read_bytes() == CONTENT
    assert server.requests == ["/bad", "/good"]


@pytest.fixture
def no_network(monkeypatch):
    """Send every request to a proxy that nobody runs."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")


def test_no_network_is_one_error_with_every_way_out(no_network):
    """The error has the addresses, folder, file name, checksum and the built-in set."""
    with pytest.raises(data.DataError, match="cannot be downloaded") as caught:
        data.mnist()

    folder = cache_folder() / "mnist"
    assert str(caught.value) == "\n".join(
        [
            '"mnist/train-images-idx3-ubyte.gz" (9,912,422 bytes) is not on this machine and '
            "cannot be downloaded. Tried:",
            f'  - "{folder}/train-images-idx3-ubyte.gz": not there',
            '  - "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz": '
            "no connection",
            '  - "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz": '
            "no connection",
            "Ways to go on:",
            "  1. Connect to the network and run this again.",
            "  2. Download it elsewhere, from an address above, and put it into the folder",
            f'     "{folder}"',
            '     as "train-images-idx3-ubyte.gz" (sha256 '
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609).",
            '     Other files of this set go there too: "train-labels-idx1-ubyte.gz", '
            '"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz".',
            "  3. Set CMP784_DATA to a folder that holds mnist/train-images-idx3-ubyte.gz.",
            "  4. Use the smaller built-in set: cmp784.data.digits(), 1,797 digits of 8 x 8 pixels "
            "from scikit-learn.",
        ]
    )


def test_no_network_shows_no_chain_of_library_errors(no_network):
    """The traceback ends in one error; what requests and urllib3 said is not printed."""
    with pytest.raises(data.DataError, match=r"names\.txt") as caught:
        data.names()

    printed = "".join(traceback.format_exception(caught.value))
    assert printed.count("Traceback") == 1
    assert "urllib3" not in printed


def test_file_put_by_hand_where_the_error_says_is_used():
    """The folder and the name in the error are the ones that are looked at."""
    wanted = make_source("http://127.0.0.1:9/a")
    with pytest.raises(data.DataError, match=r'as "file\.bin"') as caught:
        fetch_source(wanted)
    lines = str(caught.value).splitlines()
    folder = Path(
        lines[lines.index(next(line for line in lines if "put it" in line)) + 1].strip(' "')
    )

    (folder / "file.bin").write_bytes(CONTENT)

    assert fetch_source(wanted) == folder / "file.bin"


def test_error_crosses_processes():
    """A worker can send the error home."""
    error = data.DataError("no file")

    assert str(pickle.loads(pickle.dumps(error))) == "no file"


@pytest.mark.parametrize(
    ("variable", "shown"), [("", True), ("1", False)], ids=["person", "runner"]
)
def test_progress_is_shown_to_people_only(server, monkeypatch, capsys, variable, shown):
    """A download draws a bar with the file's name, and nothing under the headless runner."""
    monkeypatch.setenv("CMP784_HEADLESS", variable)

    fetch_source(make_source(server.serve("/a", sends(CONTENT))))

    assert ("set/file.bin" in capsys.readouterr().err) == shown


def test_downloads_at_the_same_time_all_get_the_file(server):
    """Eight threads that want one file get it whole."""
    wanted = make_source(server.serve("/a", sends(CONTENT)))
    got = []

    def work():
        got.append(fetch_source(wanted).read_bytes() == CONTENT)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == [True] * 8
    assert files_below(cache_folder()) == ["set/file.bin"]


@pytest.mark.network
def test_real_address_serves_the_real_file():
    """The names come over the real network with the right checksum."""
    assert len(data.names()) == 32033
