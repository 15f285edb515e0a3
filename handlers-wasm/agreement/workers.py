"""The two programs that are compared: jq, from a Python package with a checked digest, and the catalog's own."""

import json
import os
import pathlib
import platform
import resource
import select
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGE = "jq"
VERSION = "1.13.0"
JQ = "1.8.2"
"""The version of jq inside the package."""

SOURCES = "e62bdddeab3b8a0a404581a7bb6f1e8c4cc6082280870031f746074f4cac52c0"
"""The digest of the package's source archive, which contains jq's test suite."""

WHEELS = {
    ("3.9", "x86_64"): "c9565a6f01af3aba341d941a38d9f044197a07e5c76599093a8d0b36bd3d1d87",
    ("3.10", "x86_64"): "ba00d602346a848289702b10904aa97366ab2b1ad4003e3b402123dc65893351",
    ("3.11", "x86_64"): "a11216effbba1707497f49c4b020dc5c5bd5bb04792c5473bd10199ffc90b887",
    ("3.12", "x86_64"): "2974d3eed7401073b8f6508da0c5d2d2087a4928e5fbc00749338d81329b1f92",
    ("3.13", "x86_64"): "e12227f4cef42c114a757579e4898926a7258047ced2d65624dfcb43f5194374",
    ("3.14", "x86_64"): "7e295fc95f1003d8395ade8975de9b948d9b25cae57dd123698a7c9131331caf",
    ("3.9", "aarch64"): "ca5dd559863994db34053342f5aa44ac9d7dd483bba5c41eda938b1281a8dad1",
    ("3.10", "aarch64"): "46983279a6417b835a6690d0af7f95bd09652c8a36bbe04b4a8e625180e7847f",
    ("3.11", "aarch64"): "6c95aace67a4bb403c608348dd2ffeed04e7e82c0d532670b4aaf301503240e1",
    ("3.12", "aarch64"): "adf639f295f82b284121cbf4f5fd00c05b1480cc05c64a5b704fc137650aac54",
    ("3.13", "aarch64"): "d70966cea4de49ea02ca39f8478b7cf5b2b7e5b39b3364e2a0fb7a0a60000386",
    ("3.14", "aarch64"): "e6f3a19dccfc92bf4d2fb06e11de70100335e67b438991a41358ae25667e920d",
}
"""The digest of the package for each Python and processor (Linux)."""

LONGEST_SECONDS = 60
"""A filter that runs longer is ended. It is far above what any of them takes."""

MEMORY_BYTES = 4 << 30
"""A filter that takes more memory is ended."""


class Unavailable(Exception):
    """Something is missing that the comparison needs; the text says what to do."""


def cache() -> pathlib.Path:
    """The folder for downloads."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home, "wasm-broker")


def _download(digest: str, *options: str) -> pathlib.Path:
    """The archive of the package with this digest, from the cache or from the registry."""
    archive = cache() / "jq" / digest
    if archive.exists():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        # pip checks the digest before it looks inside.
        wanted = pathlib.Path(scratch, "requirements.txt")
        wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{digest}\n", encoding="utf-8")
        print(f"fetching {PACKAGE} {VERSION} (Python package)", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, *options, "--requirement", str(wanted)]
        done = subprocess.run(command, stdout=sys.stderr, check=False)
        fetched = [path for path in pathlib.Path(scratch).iterdir() if path != wanted]
        if done.returncode != 0 or len(fetched) != 1:
            raise Unavailable(f"pip could not fetch {PACKAGE}=={VERSION} with the pinned digest (Debian: apt-get install python3-pip)")
        fetched[0].rename(archive)
    return archive


def suite() -> pathlib.Path:
    """The folder with the files of jq's own suite."""
    folder = cache() / "jq" / f"suite-{JQ}"
    if not folder.exists():
        archive = _download(SOURCES, f"--no-binary={PACKAGE}")
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            with tarfile.open(archive) as package:
                inner = package.extractfile(f"{PACKAGE}-{VERSION}/deps/jq-{JQ}.tar.gz")
                with tarfile.open(fileobj=inner) as sources:
                    for member in sources.getmembers():
                        path = pathlib.PurePosixPath(member.name)
                        if member.isfile() and path.parts[1:-1] == ("tests",) and path.suffix == ".test":
                            pathlib.Path(scratch, path.name).write_bytes(sources.extractfile(member).read())
            pathlib.Path(scratch).chmod(0o755)
            pathlib.Path(scratch).rename(folder)
            pathlib.Path(scratch).mkdir()
    return folder


def _reference_folder() -> pathlib.Path:
    """The folder from which Python imports the package."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = WHEELS.get((python, platform.machine()))
    if digest is None or sys.platform != "linux":
        raise Unavailable(f"no digest of {PACKAGE} {VERSION} for Python {python} on {platform.machine()}: run this with another Python")
    folder = cache() / "jq" / f"{VERSION}-{digest[:16]}"
    if not folder.exists():
        archive = _download(digest, "--only-binary=:all:")
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(scratch)
            pathlib.Path(scratch).rename(folder)
            pathlib.Path(scratch).mkdir()
    return folder


class Worker:
    """A program that answers questions, one line each. It is started anew when it ends."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self._command = command
        self._environment = environment
        self._process = None

    def answer(self, filter: str, text: str) -> dict:
        """What the filter gives for a JSON text.

        The answer has `out`, the JSON texts of all outputs, and `err`, that of the error that ended the filter, if one
        did; or `compile`, a message; or `ended`, how the program ended.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                preexec_fn=_limit)
        question = json.dumps({"filter": filter, "input": text}, ensure_ascii=False)
        try:
            self._process.stdin.write(question.encode("utf-8", "surrogatepass") + b"\n")
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], LONGEST_SECONDS)
            line = self._process.stdout.readline() if ready else None
        except BrokenPipeError:
            line = b""
        if not line:
            self._process.kill()
            code = self._process.wait()
            self.close()
            return {"ended": "too long" if line is None else f"exit {code}"}
        return json.loads(line)

    def close(self) -> None:
        """Ends the program."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.kill()
            self._process.wait()
            self._process = None


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def reference() -> Worker:
    """jq itself, without an environment and in UTC."""
    environment = {"TZ": "UTC", "PYTHONPATH": str(_reference_folder()), "PYTHONIOENCODING": "utf-8"}
    return Worker([sys.executable, str(pathlib.Path(__file__).with_name("reference.py"))], environment)


def ours(program: str) -> Worker:
    """The catalog's jq: the program `jq-native` of the crate catalog-kit."""
    return Worker([program], {})
