"""The Space: its files start the app on their own, and they arrive at a stand-in for the Hub."""

import base64
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from huggingface_hub import SpaceHardware

from moss.cli.main import main
from moss.errors import InputError
from moss.ui.bundled import FIRST, PAIR_FILES
from moss.ui.components.about.about import PICTURES
from moss.usecases.deploy import HARDWARE, ROOT, space_files
from tests.app_process import free_port, running_app

TOKEN = "hf_x"
ID = "ada/moss"
PATIENCE_S = 240  # against hanging only


@pytest.fixture(scope="module")
def files():
    return space_files()


def one_sentence(process):
    """What a command that was refused says, which is one sentence after its steps, and 2."""
    assert process.returncode == 2, process.stderr
    assert process.stdout == ""
    *steps, said = process.stderr.splitlines()
    assert all(re.match(r" +\d+\.\d s  ", step) for step in steps)
    assert said.startswith("moss: ") and said.endswith(".")
    assert not re.search(r"[.!?] [A-Z]", said)
    return said


def environment(home, **more):
    """That of this process without anybody's settings of the Hub, and with `more`."""
    mine = re.compile(r"HF_|HUGGING|SPACE|GRADIO|PYTHONPATH|\w+_proxy$", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if not mine.match(name)}
    return kept | {"HF_HOME": str(home), "NO_PROXY": "127.0.0.1"} | more


@pytest.fixture
def deploy(tmp_path):
    """Run the command with arguments, in a folder, with environment variables."""

    def run(*arguments, id=ID, folder=ROOT, **variables):
        return subprocess.run(
            [sys.executable, "-m", "moss", "deploy", "--repo-id", id, *arguments],
            cwd=folder,
            env=environment(tmp_path / "hf", **variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )

    return run


# A stand-in for the Hub


@dataclass
class Space:
    files: dict[str, bytes]
    private: bool
    hardware: str
    commits: list[list[dict]] = field(default_factory=list)

    @property
    def sha(self):
        return f"{len(self.commits):040x}"


class Hub(ThreadingHTTPServer):
    """What huggingface_hub asks of the Hub for a Space, answered from memory.

    `refusals` are the answers, as (status, message), to requests whose path ends so. Files whose
    names match `large` go the way of large files.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.spaces, self.refusals, self.objects = {}, {}, {}
        self.large = re.compile("nothing is")
        self.asked = []  # (path, payload)

    def create(self, asked):
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.spaces:
            return 409, {"error": "You already created this space repo"} | self._address_of(name)
        assert asked["type"] == "space" and asked["sdk"] == "gradio"
        private = asked.get("visibility") == "private"
        first = {".gitattributes": b"*.npy filter=lfs", "README.md": b"A new Space."}
        self.spaces[name] = Space(first, private, asked["hardware"])
        return 200, self._address_of(name)

    def _address_of(self, name):
        return {"url": f"{self.address}/spaces/{name}"}

    def info(self, name, asked):
        if name not in self.spaces:
            return 404, {"error": "Repository not found"}
        space = self.spaces[name]
        return 200, {
            "id": name,
            "sha": space.sha,
            "private": space.private,
            "sdk": "gradio",
            "siblings": [{"rfilename": file} for file in space.files],
            "runtime": runtime_of(space),
        }

    revision = info

    def settings(self, name, asked):
        self.spaces[name].private = {"private": True, "public": False}[asked["visibility"]]
        return 200, {}

    def hardware(self, name, asked):
        self.spaces[name].hardware = asked["flavor"]
        return 200, runtime_of(self.spaces[name])

    def preupload(self, name, asked):
        there = self.spaces[name].files
        return 200, {"files": [self._mode(file["path"], there) for file in asked["files"]]}

    def _mode(self, path, there):
        mode = {"path": path, "shouldIgnore": False, "uploadMode": "regular"}
        if self.large.search(path):
            mode["uploadMode"] = "lfs"
        if path in there:
            of_large = mode["uploadMode"] == "lfs"
            mode["oid"] = (sha256 if of_large else git_hash)(there[path])
        return mode

    def batch(self, name, asked):
        objects = [dict(wanted) for wanted in asked["objects"]]
        for wanted in objects:
            if wanted["oid"] not in self.objects:
                wanted["actions"] = {"upload": {"href": f"{self.address}/large/{wanted['oid']}"}}
        return 200, {"transfer": "basic", "objects": objects}

    def store(self, oid, content):
        assert sha256(content) == oid
        self.objects[oid] = content
        return 200, {}

    def commit(self, name, asked):
        space = self.spaces[name]
        files = dict(space.files)
        for item in asked[1:]:
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"], validate=True)
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.objects[value["oid"]]
            else:
                assert item["key"] == "deletedFile"
                del files[value["path"]]
        space.files = files
        space.commits.append(asked)
        return 200, {
            "commitOid": space.sha,
            "commitUrl": f"{self.address}/spaces/{name}/commit/{space.sha}",
        }


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        if "ndjson" in self.headers.get("Content-Type", ""):
            asked = [json.loads(line) for line in body.splitlines()]
        elif path.startswith("/large/"):
            asked = body
        else:
            asked = json.loads(body or "null")
        status, answer = self._answer(path, asked)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST  # noqa: N815

    def _answer(self, path, asked):
        hub = self.server
        hub.asked.append((path, asked))
        for ending, (status, said) in hub.refusals.items():
            if path.endswith(ending):
                return status, said if isinstance(said, bytes) else {"error": said}
        if path.startswith("/large/"):
            return hub.store(path.removeprefix("/large/"), asked)
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {"error": "Invalid username or password."}
        if path == "/api/repos/create":
            return hub.create(asked)
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if named := re.fullmatch(r"/spaces/(\w+/\w+)\.git/info/lfs/objects/batch", path):
            return hub.batch(named[1], asked)
        if named := re.fullmatch(r"/api/spaces/(\w+/\w+)(?:/(\w+)(?:/main)?)?", path):
            return getattr(hub, named[2] or "info")(named[1], asked)
        return 404, {"error": f"The stand-in does not know {path}"}

    def log_message(self, *_):
        pass


def runtime_of(space):
    return {"stage": "BUILDING", "hardware": {"current": None, "requested": space.hardware}}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def git_hash(content):
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


@pytest.fixture
def hub():
    with Hub() as hub:
        thread = Thread(target=hub.serve_forever)
        thread.start()
        yield hub
        hub.shutdown()
        thread.join()


@pytest.fixture
def upload(deploy, hub):
    """Run the command against the stand-in."""

    def run(*arguments, **more):
        return deploy(*arguments, **({"HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN} | more))

    return run


def upload_of(hub):
    """What the last commit brought: (the uploaded names, the deleted names)."""
    items = hub.spaces[ID].commits[-1][1:]
    deleted = {item["value"]["path"] for item in items if item["key"] == "deletedFile"}
    return {item["value"]["path"] for item in items} - deleted, deleted


# The files


@pytest.fixture
def copy(files, tmp_path):
    """The listed files alone, in a folder of their own."""
    for name in files:
        (tmp_path / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / "copy" / name)
    return tmp_path / "copy"


def test_they_hold_what_the_page_serves(files):
    served = {path for folder in (FIRST, PICTURES) for path in folder.rglob("*") if path.is_file()}
    assert {path.relative_to(ROOT).as_posix() for path in served | PAIR_FILES} <= set(files)


def test_they_are_small_and_none_is_of_the_workshop(files):
    assert all((ROOT / name).stat().st_size < 1_000_000 for name in files)
    workshop = re.compile(r"^(tests|benchmarks|scripts|results|\.)|/\.|__pycache__|\.pyi$|\.pyc$")
    assert not [name for name in files if workshop.search(name)]
    assert not [name for name in files if re.match(r"(examples|docs)/.*\.py$", name)]


def test_they_are_those_in_git(files):
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git clone")
    # What is not committed yet is deployed as well, unless git ignores it.
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    known = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    pattern = re.compile(
        r"(app\.py|requirements\.txt|packages\.txt|README\.md|LICENSE|docs/\w+\.(png|webp)"
        r"|moss/.+|examples/first(_sound)?/.+|examples/\w+\.(jpg|png|webp|ogg))"
    )
    assert set(files) == {name for name in known if pattern.fullmatch(name)}


def test_what_lies_beside_them_does_not_change_them(files, copy):
    for name in (
        *("moss/__pycache__/pipeline.cpython-312.pyc", "moss/ui/player.pyi", "moss/ui/.#page.py"),
        *("moss/ui/components/.DS_Store", "examples/me.jpg", "examples/make.py", "docs/mine.png"),
        *("tests/test_cli.py", "results/run/00.wav", "notes.txt", ".git/config"),
    ):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("mine")
    assert space_files(copy) == files


@pytest.mark.soak
def test_a_copy_of_them_starts_the_app(files, copy, tmp_path):
    (tmp_path / "tmp").mkdir()
    media = re.compile(r"examples/|moss/ui/components/about/.+webp")
    served = [name for name in files if media.match(name)]
    assert len(served) > 30
    with running_app(tmp_path / "tmp", root=copy) as (url, _):
        for name in served:
            address = f"{url}/gradio_api/file={copy / name}"
            with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
                assert answer.read() == (copy / name).read_bytes()


def test_a_dry_run_lists_them_and_asks_nobody(files, deploy, hub):
    process = deploy("--dry-run", HF_ENDPOINT=hub.address)  # and there is no token
    assert process.returncode == 0 and process.stderr == ""
    *rows, total = process.stdout.splitlines()
    listed = {row[12:]: int(row[:10].replace(",", "")) for row in rows}
    assert listed == {name: (ROOT / name).stat().st_size for name in files}
    assert list(listed) == files
    assert total.split() == [f"{sum(listed.values()):,}", "bytes", "in", str(len(files)), "files"]
    assert hub.asked == []


@pytest.mark.parametrize(
    "lost",
    [
        "app.py",
        "docs/page.webp",
        "examples/pad.ogg",
        "moss/ui/components/about/pictures",
        "examples/first",
    ],
)
def test_a_missing_file_is_named_and_nothing_is_asked(upload, hub, copy, lost):
    (shutil.rmtree if (copy / lost).is_dir() else Path.unlink)(copy / lost)
    assert f"{lost} not found in {copy};" in one_sentence(upload(folder=copy))
    assert hub.asked == []


def test_a_package_without_its_repository_is_no_whole_moss(copy, tmp_path):
    """As after `pip install`: the folder of the package has neither app.py nor examples."""
    shutil.copytree(copy / "moss", tmp_path / "site-packages" / "moss")
    with pytest.raises(InputError) as refused:
        space_files(tmp_path / "site-packages")
    sentence = str(refused.value)
    assert re.fullmatch(
        rf"LICENSE and \d+ more not found in {tmp_path}/site-packages; deploy from a whole MOSS\.",
        sentence,
    )


# The upload


@pytest.mark.parametrize("large", ["nothing is", r"\.(jpg|png|webp|gif|ogg|flac|mp4|npy)$"])
def test_a_new_space_holds_exactly_these_files(files, upload, hub, large):
    hub.large = re.compile(large)
    # The stand-in stores large files the way that comes without hf_xet's own servers.
    process = upload(HF_HUB_DISABLE_XET="1")
    assert process.returncode == 0, process.stderr
    assert process.stdout == f"{hub.address}/spaces/{ID}\n"
    space = hub.spaces[ID]
    assert space.files.pop(".gitattributes") == b"*.npy filter=lfs"
    assert space.files == {name: (ROOT / name).read_bytes() for name in files}
    assert len(space.commits) == 1 and upload_of(hub) == (set(files), set())
    assert (space.hardware, space.private) == ("cpu-basic", False)
    lines = process.stderr.splitlines()
    assert len(lines) == 3 and all(re.match(r" +\d+\.\d s  \w", line) for line in lines)
    assert f"{len(files)} files" in lines[1]


def test_hardware_and_privacy_arrive_as_asked(upload, hub):
    assert upload("--hardware", "zero-a10g", "--private").returncode == 0
    assert (hub.spaces[ID].hardware, hub.spaces[ID].private) == ("zero-a10g", True)
    asked = [path for path, _ in hub.asked]
    assert not [path for path in asked if path.endswith(("/hardware", "/settings"))]


def test_the_next_deploy_uploads_what_is_new_and_deletes_what_is_gone(upload, hub, copy):
    (copy / "moss/old.py").write_text("an earlier file")
    (copy / "examples/first/old.png").write_text("an earlier picture")
    assert upload("--hardware", "t4-small", "--private", folder=copy).returncode == 0
    (copy / "moss/old.py").unlink()
    (copy / "examples/first/old.png").unlink()
    (copy / "moss/new.py").write_text("a new file")
    (copy / "LICENSE").write_text("a new licence")
    process = upload(folder=copy)
    assert process.returncode == 0, process.stderr
    assert process.stdout == f"{hub.address}/spaces/{ID}\n"
    assert "deleting 2" in process.stderr
    space = hub.spaces[ID]
    assert upload_of(hub) == (
        {"moss/new.py", "LICENSE"},
        {"moss/old.py", "examples/first/old.png"},
    )
    assert set(space.files) == {*space_files(copy), ".gitattributes"}
    assert (space.hardware, space.private) == ("t4-small", True)  # as they were


def test_a_deploy_of_the_same_makes_no_commit(upload, hub):
    assert upload().returncode == 0
    process = upload()
    assert process.returncode == 0 and "nothing was new" in process.stderr
    assert len(hub.spaces[ID].commits) == 1


def test_a_space_that_is_there_gets_other_hardware_and_privacy_when_asked(upload, hub):
    assert upload().returncode == 0
    process = upload("--hardware", "a10g-small", "--private")
    assert process.returncode == 0, process.stderr
    assert (hub.spaces[ID].hardware, hub.spaces[ID].private) == ("a10g-small", True)


def test_someone_who_may_write_but_not_create_can_update(upload, hub):
    assert upload().returncode == 0
    del hub.spaces[ID].files["app.py"]
    hub.refusals = {"/repos/create": (403, "You cannot create a Space here")}
    process = upload()
    assert process.returncode == 0, process.stderr
    assert process.stdout == f"{hub.address}/spaces/{ID}\n"
    assert upload_of(hub) == ({"app.py"}, set())


def test_another_apps_space_stays_as_it_is(upload, hub):
    theirs = {".gitattributes": b"", "README.md": b"mine", "app.py": b"mine"}
    hub.spaces[ID] = Space(dict(theirs), False, "cpu-basic")
    assert "something else" in one_sentence(upload("--private", "--hardware", "t4-small"))
    assert hub.spaces[ID] == Space(theirs, False, "cpu-basic")


def test_the_hardware_is_the_hubs_with_one_gpu_at_most():
    several = re.compile(r"x[2-9]$")
    assert set(HARDWARE) == {kind.value for kind in SpaceHardware if not several.search(kind.value)}


# What goes wrong


@pytest.mark.parametrize(
    ("ending", "status", "said", "words"),
    [
        ("/create", 401, "Invalid username or password.", "hf auth login"),
        ("/create", 402, "Zero needs PRO. Subscribe.", "(402: Zero needs PRO; Subscribe)"),
        ("/create", 403, "No rights under ada", "(403: No rights under ada); it needs write"),
        ("/create", 404, "No such user", "(404: No such user)"),
        ("/create", 500, b"<html>broken</html>", "(500: "),
        ("/create", 200, b"<html>a hotel's login</html>", "does not answer as the Hub"),
        ("/create", 200, b"{}", "does not answer as the Hub"),
        ("/validate-yaml", 400, "Bad", "Invalid metadata in README.md"),
        ("/preupload/main", 403, "Your token only reads", "(403: Your token only reads)"),
        ("/commit/main", 401, "Token expired", "hf auth login"),
        ("/commit/main", 402, "Storage is full", "(402: Storage is full)"),
        ("/commit/main", 503, "Maintenance", "(503: Maintenance); check --repo-id, or try again"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(upload, hub, ending, status, said, words):
    hub.refusals = {ending: (status, said)}
    assert words in one_sentence(upload())
    assert not hub.spaces.get(ID) or hub.spaces[ID].commits == []


@pytest.mark.parametrize("large", ["lfs/objects/batch", "/xet-write-token/main"])
def test_refused_large_files_are_one_sentence(upload, hub, large):
    hub.large = re.compile(r"\.npy$")
    hub.refusals = {large: (403, "No")}
    said = one_sentence(upload(HF_HUB_DISABLE_XET="1" if "lfs" in large else "0"))
    assert "403" in said
    assert hub.spaces[ID].commits == []


def test_hardware_that_the_account_may_not_use_is_refused_before_the_upload(upload, hub):
    assert upload().returncode == 0
    hub.refusals = {"/hardware": (402, "Add a payment method")}
    said = one_sentence(upload("--hardware", "a100-large"))
    assert "Add a payment method" in said and "--hardware" in said
    assert len(hub.spaces[ID].commits) == 1


def test_a_wrong_token_is_told_apart_from_none(deploy, hub):
    said = one_sentence(deploy(HF_ENDPOINT=hub.address, HF_TOKEN="hf_other"))
    assert "does not accept the token" in said and "hf auth login" in said
    asked = len(hub.asked)
    said = one_sentence(deploy(HF_ENDPOINT=hub.address))
    assert "There is no Hugging Face token" in said and "HF_TOKEN" in said
    assert len(hub.asked) == asked and hub.spaces == {}


def test_a_stored_login_is_used(deploy, hub, tmp_path):
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf/token").write_text(TOKEN)
    assert deploy(HF_ENDPOINT=hub.address).returncode == 0
    assert hub.spaces[ID].commits


def test_a_token_that_no_header_can_hold_is_not_printed(upload, hub):
    said = one_sentence(upload(HF_TOKEN="hf_gehe\N{LATIN SMALL LETTER I WITH DIAERESIS}m"))
    assert "character" in said and "hf_gehe" not in said
    assert hub.asked == []


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:{port}", "refused"),
        ("http://moss.invalid", "http://moss.invalid cannot be reached"),
        ("127.0.0.1:{port}", "HF_ENDPOINT"),
        ("http://\N{EM DASH}.org", "HF_ENDPOINT"),
        ("", "The Hub cannot be reached"),
    ],
)
def test_a_hub_out_of_reach_is_one_sentence(deploy, endpoint, words):
    endpoint = endpoint.format(port=free_port())
    assert words in one_sentence(deploy(HF_ENDPOINT=endpoint, HF_TOKEN=TOKEN))


def test_a_hub_that_never_answers_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code = (
            "import sys, moss.cli.main as command, moss.usecases.deploy as it; it.ANSWER_S = 0.5; "
        )
        code += f"sys.exit(command.main(['deploy', '--repo-id', {ID!r}]))"
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment(tmp_path / "hf", HF_ENDPOINT=address, HF_TOKEN=TOKEN),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    said = one_sentence(process)
    assert f"{address} cannot be reached" in said and "timed out" in said


def test_offline_mode_is_named(upload, hub):
    assert "HF_HUB_OFFLINE" in one_sentence(upload(HF_HUB_OFFLINE="1"))
    assert hub.asked == []


@pytest.mark.parametrize("id", ["moss", "ada/moss/x", "ada--b/moss", "", "/moss", "ada/", "ä/moss"])
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_malformed_id_is_one_sentence(id, dry, capsys):
    assert main(["deploy", "--repo-id", id, *dry]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"moss: {id!r} cannot name a Space; give USER/NAME of ")
    assert said.err.endswith(".\n") and said.err.count("\n") == 1


def test_unknown_hardware_is_one_sentence(capsys):
    assert main(["deploy", "--repo-id", ID, "--hardware", "abacus"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "abacus" in said and "zero-a10g" in said


def test_help_knows_its_options_within_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main(["deploy", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"--{option} " in said for option in ("repo-id", "hardware", "private", "dry-run"))
    assert all(len(line) <= 80 for line in said.splitlines())


def test_the_command_line_imports_nothing_large_before_a_command_runs():
    code = (
        "import sys, moss.cli.main; "
        "sys.exit(bool({'huggingface_hub', 'rich', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
