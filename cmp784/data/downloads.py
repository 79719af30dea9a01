"""Files from the local mirror, the cache or the network, never without the right checksum.

A file is looked for in three places, in this order:

1. the read-only mirror that the environment variable ``CMP784_DATA`` names, if it is set;
2. the cache: the folder that ``CMP784_CACHE`` names, else the user's cache folder of the system;
3. the addresses of the registry, one after the other. What arrives is stored in the cache.

All three use the same layout, ``<data set>/<file>``. A file whose checksum is wrong is never used:
the next place is asked, and a damaged file in the cache is replaced.
"""

import logging
import os
import time
from pathlib import Path

import pooch
import requests
from tqdm.auto import tqdm

from cmp784.data.errors import DataError
from cmp784.data.registry import Source, source, sources
from cmp784.progress import headless

#: Names a read-only folder that already holds files, as ``<data set>/<file>``.
MIRROR_VARIABLE = "CMP784_DATA"
#: Names the folder that downloads are kept in.
CACHE_VARIABLE = "CMP784_CACHE"
#: Seconds to wait for a connection, and for the next bytes of one.
TIMEOUT = (5.0, 20.0)
#: Seconds to wait before each round through the addresses that may work if asked again.
PAUSES = (0.0, 0.5, 1.0)
#: What to use where a data set cannot be had.
BUILT_IN = {
    "mnist": "cmp784.data.digits(), 1,797 digits of 8 x 8 pixels from scikit-learn",
    "fashion_mnist": "cmp784.data.digits(), 1,797 digits of 8 x 8 pixels from scikit-learn",
    "cifar10": "cmp784.data.digits(), 1,797 digits of 8 x 8 pixels from scikit-learn",
    "pneumonia_mnist": "cmp784.data.digits(), 1,797 digits of 8 x 8 pixels from scikit-learn",
    "cora": "cmp784.data.karate_club(), 34 people and 78 friendships from networkx",
    "paintings": 'cmp784.data.photo("china"), 427 x 640 pixels, from scikit-learn',
    "tinyshakespeare": "cmp784.data.tiny_shakespeare(sample=True), four sonnets",
    "names": "cmp784.data.names(sample=True), 120 names",
    "tatoeba_en_tr": "cmp784.data.tatoeba_english_turkish(sample=True), 40 pairs",
    "tatoeba_en_fr": "cmp784.data.tatoeba_english_french(sample=True), 40 pairs",
    "xquad": 'cmp784.data.xquad("en", sample=True) or ("tr", sample=True), 8 questions',
    "squad": "cmp784.data.squad(sample=True), 8 questions",
    "sentiment_sentences": "cmp784.data.sentiment_sentences(sample=True), 40 sentences",
    "sms_spam": "cmp784.data.sms_spam(sample=True), 30 messages",
    "dna": "cmp784.data.dna_promoters(sample=True) or dna_splice(sample=True), 20 sequences",
}

_log = logging.getLogger(__name__)
# Files whose checksum was right in this process: path, length, time of the last change, checksum.
_verified: set[tuple[str, int, int, str]] = set()


def cache_folder() -> Path:
    """Return the folder that downloads are kept in.

    Returns
    -------
    Path
        The value of the environment variable ``CMP784_CACHE`` if it is set, else the cache folder
        that the system gives to applications (``~/.cache/cmp784`` on Linux).

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    named = os.environ.get(CACHE_VARIABLE, "")
    return Path(named or pooch.os_cache("cmp784")).expanduser().absolute()


def mirror_folder() -> Path | None:
    """Return the read-only local mirror, or None where none is set.

    Returns
    -------
    Path or None
        The value of the environment variable ``CMP784_DATA``. A relative one is looked for from
        the working folder upwards, because a notebook runs in its own folder and not where the
        variable was set.

    Raises
    ------
    DataError
        If the variable names something that is not a folder.
    """
    named = os.environ.get(MIRROR_VARIABLE, "")
    if not named:
        return None
    here = Path.cwd()
    for start in (here, *here.parents):
        folder = start / Path(named).expanduser()
        if folder.is_dir():
            return folder
    folder = Path(named).expanduser().absolute()
    raise DataError(
        f'The environment variable {MIRROR_VARIABLE} names "{folder}", which is not a folder. '
        "Point it to the folder that holds the data sets, or unset it to download them."
    )


def fetch(dataset: str, name: str) -> Path:
    """Return the path of one file of a data set, downloading it if it is not here yet.

    Parameters
    ----------
    dataset
        Name of the data set, for example ``"mnist"``.
    name
        Name of the file. `cmp784.data.sources` lists all.

    Returns
    -------
    Path
        A file whose checksum is right, in the mirror or in the cache. Only read it.

    Raises
    ------
    DataError
        If the name is unknown, the mirror is not a folder, or no place has the right file.
    """
    return fetch_source(source(dataset, name))


def fetch_source(wanted: Source) -> Path:
    """Return the path of the file that an entry of the registry describes.

    Parameters
    ----------
    wanted
        The entry: addresses, checksum, length.

    Returns
    -------
    Path
        A file whose checksum is right, in the mirror or in the cache.

    Raises
    ------
    DataError
        If the mirror is not a folder, or no place has the right file.
    """
    mirror = mirror_folder()
    kept = cache_folder() / wanted.dataset / wanted.name
    tried = []
    for path in ([mirror / wanted.dataset / wanted.name] if mirror else []) + [kept]:
        fault = _fault(path, wanted)
        if not fault:
            return path
        tried.append((str(path), fault))
        if fault != "not there":
            _log.warning('"%s" is not used: %s.', path, fault)
    return _download(wanted, kept, tried)


def _fault(path: Path, wanted: Source) -> str:
    """Say what is wrong with a file, or nothing if it is the right one."""
    try:
        state = path.stat()
        key = (str(path), state.st_size, state.st_mtime_ns, wanted.checksum)
        if key in _verified:
            return ""
        if wanted.size is not None and state.st_size != wanted.size:
            return f"corrupted ({state.st_size:,} bytes, expected {wanted.size:,})"
        algorithm, expected = wanted.checksum.split(":")
        found = pooch.file_hash(str(path), alg=algorithm)
    except (FileNotFoundError, NotADirectoryError):
        return "not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if found != expected:
        return f"corrupted ({algorithm} {found}, expected {expected})"
    _verified.add(key)
    return ""


def _download(wanted: Source, kept: Path, tried: list[tuple[str, str]]) -> Path:
    """Ask the addresses in turn; ask those again whose failure may pass."""
    _make_folder(kept.parent)
    failures: dict[str, str] = {}
    urls = list(wanted.urls)
    for pause in PAUSES:
        time.sleep(pause if urls else 0)
        for url in list(urls):
            failure, may_pass = _try_address(url, wanted, kept)
            if not failure:
                return kept
            failures[url] = failure
            if not may_pass:
                urls.remove(url)
    raise DataError(_unavailable(wanted, kept, [*tried, *failures.items()]))


def _make_folder(folder: Path) -> None:
    """Make the folder of the cache that a download goes into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(_unwritable(folder, error)) from None


def _unwritable(folder: Path, error: OSError) -> str:
    """Say that nothing can be stored in a folder, and what to do."""
    return (
        f'Cannot write into the folder "{folder}": {error.strerror or error}. Set the environment '
        f"variable {CACHE_VARIABLE} to a folder that you may write to and that has room."
    )


class _Stream:
    """A downloader for pooch that closes its connection, also after an error, and drives a bar."""

    def __init__(self, bar: tqdm) -> None:
        self.bar = bar

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Write what an address serves into a file; called by pooch with a temporary name."""
        # Uncompressed, so that the announced length is the file's, and a .gz file stays one.
        plain = {"Accept-Encoding": "identity"}
        with (
            requests.get(url, timeout=TIMEOUT, stream=True, headers=plain) as response,
            open(output_file, "wb") as file,
        ):
            response.raise_for_status()
            self.bar.reset(total=int(response.headers.get("content-length", 0)) or None)
            for chunk in response.iter_content(2**16):
                file.write(chunk)
                self.bar.update(len(chunk))


def _try_address(url: str, wanted: Source, kept: Path) -> tuple[str, bool]:
    """Download from one address: what failed (or nothing), and whether to ask it again."""
    title = f"{wanted.dataset}/{wanted.name}"
    bar = tqdm(desc=title, unit="B", unit_scale=True, leave=False, disable=headless())
    logger = pooch.get_logger()
    level = logger.level
    try:
        # The bar says what pooch would log. It writes to a temporary name in the same folder,
        # compares the checksum, and only then renames: no half file under the final name.
        logger.setLevel(logging.WARNING)
        pooch.retrieve(
            url,
            known_hash=wanted.checksum,
            fname=kept.name,
            path=kept.parent,
            downloader=_Stream(bar),
        )
    except requests.RequestException as error:
        return _describe(error)
    except ValueError:
        return "what arrived is corrupted or another file: its checksum is wrong", False
    except OSError as error:
        raise DataError(_unwritable(kept.parent, error)) from None
    finally:
        logger.setLevel(level)
        bar.close()
    return "", False


def _describe(error: requests.RequestException) -> tuple[str, bool]:
    """Say in words how a download failed, and whether asking again may help."""
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code if error.response is not None else 0
        return f"the server answers with status {status}", status >= 500 or status == 429
    # A silence in the middle of a file comes as a ConnectionError, not as a Timeout.
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer in time", False
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off", True
    if isinstance(error, requests.ConnectionError):
        return "no connection", False
    return f"{type(error).__name__}: {error}", False


def _unavailable(wanted: Source, kept: Path, tried: list[tuple[str, str]]) -> str:
    """Write the one message for a file that cannot be had: what was tried, and every way out."""
    size = f" ({wanted.size:,} bytes)" if wanted.size is not None else ""
    algorithm, digits = wanted.checksum.split(":")
    siblings = [
        f'"{each.name}"'
        for each in sources()
        if each.dataset == wanted.dataset
        and each.name != wanted.name
        and not (kept.parent / each.name).exists()
    ]
    others = f"\n     Other files of this set go there too: {', '.join(siblings)}."
    built_in = BUILT_IN.get(wanted.dataset, "cmp784.data.digits(), which ships with scikit-learn")
    return "\n".join(
        [
            f'"{wanted.place}"{size} is not on this machine and cannot be downloaded. Tried:',
            *(f'  - "{place}": {fault}' for place, fault in tried),
            "Ways to go on:",
            "  1. Connect to the network and run this again.",
            "  2. Download it elsewhere, from an address above, and put it into the folder",
            f'     "{kept.parent}"',
            f'     as "{kept.name}" ({algorithm} {digits}).' + (others if siblings else ""),
            f"  3. Set {MIRROR_VARIABLE} to a folder that holds {wanted.place}.",
            f"  4. Use the smaller built-in set: {built_in}.",
        ]
    )
