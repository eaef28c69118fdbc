"""The public endpoints, called over HTTP as programs and agents call them, and as attackers do."""

import asyncio
import base64
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import soundfile
from gradio.context import LocalContext
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from app import compute
from moss import ui
from moss.settings.blend import BlendSettings
from moss.ui.host.files import temp_root
from moss.ui.host.gate import MAX_BODY_BYTES
from moss.ui.host.room import FULL
from tests.small import EXAMPLES, PAD, PICTURE, SMALL
from tests.ui.browser.serving import served
from tests.waiting import eventually

ENDLESS = BlendSettings(**SMALL.as_dict() | {"audio_weights": 400, "descent_steps": 1000})
PAIR = {"picture": handle_file(str(PICTURE)), "track": handle_file(str(PAD))}
SECRET = "nobody may read this"
SOURCES = {"picture": "picture", "slideshow": "pictures", "video": "video", "array": "array"}
ONE_FILE = {"PictureWell", "VideoWell", "Audio", "FileInput", "File", "Image", "Video"}
PATIENCE_S = 60
SOAK = pytest.mark.soak


@pytest.fixture(scope="module")
def page():
    return ui.build(compute=compute, presets={"quick": SMALL, "high-res": ENDLESS}, results=None)


@pytest.fixture(scope="module")
def url(page):
    with served(page) as url:
        yield url


@pytest.fixture(scope="module")
def client(url, tmp_path_factory):
    return Client(url, verbose=False, download_files=tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def blended(client):
    """All progress of a blend, and what it ends with."""
    job = client.submit(**PAIR, preset="quick", settings={"seed": 3}, api_name="/blend")
    told = [progress for progress, *_ in job]
    return told, job.result()


def failed(client, **given):
    """The sentence that a call fails with: the last progress and the error agree on it."""
    job = client.submit(**given)
    told = list(job)
    with pytest.raises(AppError) as raised:
        job.result()
    sentence = str(raised.value)
    if told:
        assert told[-1][0]["stage"] == "failed"
        assert told[-1][0]["error"] == sentence
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 1000
    return sentence


# Programs


def test_progress_tells_every_stage_in_order(blended):
    told, _ = blended
    stages = list(dict.fromkeys(each["stage"] for each in told))
    order = ["reading", "seeding", "evolution", "front", "sounds", "files", "done"]
    assert [stage for stage in order if stage in stages] == stages
    assert {"reading", "seeding", "sounds", "files", "done"} <= set(stages)
    for each in told:
        assert each["elapsed_s"] >= 0
        if "step" in each:
            assert 0 <= each["step"] <= each["steps"]
    fronts = [each["front"] for each in told if "front" in each]
    assert all(len(point) == 2 for front in fronts for point in front)
    json.dumps(told, allow_nan=False)


def test_it_ends_with_the_files_of_the_run(blended):
    _, (progress, sounds, spectrograms, gif, film, summary, archive) = blended
    assert progress["stage"] == "done"
    assert len(sounds) == len(spectrograms) == len(progress["points"]) == SMALL.representatives
    for sound in sounds:
        samples, rate = soundfile.read(sound)
        assert len(samples) == SMALL.duration_s * rate
    written = json.loads(Path(summary).read_text(encoding="utf-8"))
    level = {name: written["settings"][name] for name in ("white_db", "range_nats")}
    assert None not in level.values()  # it is chosen by trying
    assert written["settings"] == SMALL.as_dict() | {"seed": 3} | level
    assert written["hypervolume"] == progress["hypervolume"]
    for file, end in ((gif, ".gif"), (film, ".mp4"), (archive, ".zip")):
        assert file.endswith(end)


def test_left_and_right_can_have_a_picture_each(client):
    *_, summary, _ = client.predict(
        **PAIR,
        preset="quick",
        settings={"channel": "left-right", "generations": 0},
        second_picture=handle_file(str(EXAMPLES / "fern.jpg")),
        api_name="/blend",
    )
    written = json.loads(Path(summary).read_text(encoding="utf-8"))
    assert written["inputs"]["second_picture"]["path"].endswith("fern.jpg")
    assert all(len(point["replayed_by_channel"]) == 2 for point in written["points"])


def test_another_point_of_the_run_becomes_a_sound(client, blended):
    run = blended[1][0]["run"]
    figures, sound, spectrogram = client.predict(run, 1, api_name="/render_point")
    assert figures["stage"] == "done" and figures["index"] == 1
    samples, rate = soundfile.read(sound)
    assert len(samples) == SMALL.duration_s * rate
    assert spectrogram.endswith(".png")


BAD_CALLS = {
    "no picture": ({"picture": None}, "There is no picture yet"),
    "no track": ({"track": None}, "There is no track yet"),
    "a second picture for the mid": (
        {"second_picture": PAIR["picture"]},
        "A second picture is for the right channel",
    ),
    "no such preset": ({"preset": "loud"}, "There is no preset 'loud'; there are quick"),
    "no such setting": ({"settings": {"loudness": 3}}, "There is no setting 'loudness'"),
    "out of range": ({"settings": {"gamma": 99}}, "it must be from 0.1 to 10"),
    "another type": ({"settings": {"seed": "7"}}, "must be a whole number"),
    "settings of another type": ({"settings": [7]}, "The settings are no JSON object"),
    "a long name": ({"preset": "x" * 10_000}, "There is no preset 'xxxx"),
    "a long setting": ({"settings": {"y" * 10_000: 1}}, "There is no setting 'yyyy"),
    "a long value": ({"settings": {"fit": "z" * 10_000}}, "fit is 'zzzz"),
    "too long": (
        {"settings": {"duration_s": 600, "effort": 20, "representatives": 40}},
        "This would take about",
    ),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_call_that_cannot_be_ends_with_its_sentence(client, name):
    changes, sentence = BAD_CALLS[name]
    given = {**PAIR, "preset": "quick", "settings": {}, "api_name": "/blend"} | changes
    assert sentence in failed(client, **given)


@pytest.mark.parametrize("name", ["words.png", "words.wav"])
def test_a_file_that_cannot_be_used_ends_with_its_sentence(client, tmp_path, name):
    (tmp_path / name).write_text("These are words.")
    kind = "picture" if name.endswith("png") else "track"
    given = PAIR | {kind: handle_file(str(tmp_path / name))}
    assert name in failed(client, **given, preset="quick", settings={}, api_name="/blend")


@pytest.mark.parametrize("run", ["", "0" * 32, "../../etc", "first", "0" * 31 + "/"])
def test_a_run_that_is_not_there_ends_with_its_sentence(client, run):
    sentence = failed(client, run=run, point=0, api_name="/render_point")
    assert "There is no such run here" in sentence


def test_a_point_that_is_not_there_ends_with_its_sentence(client, blended):
    run = blended[1][0]["run"]
    sentence = failed(client, run=run, point=4000, api_name="/render_point")
    assert "There is no point 4000; the front has points 0 to" in sentence


def test_a_failure_that_nobody_foresaw_ends_with_a_sentence_and_tells_nothing_else(caplog):
    def failing(prepared, task):
        yield from ()
        raise RuntimeError("internals")

    with served(ui.build(compute=failing, presets={"quick": SMALL}, results=None)) as url:
        client = Client(url, verbose=False)
        sentence = failed(client, **PAIR, preset="quick", settings={}, api_name="/blend")
    assert "for a reason that MOSS does not know" in sentence
    assert "internals" in caplog.text


def test_the_heavy_part_knows_whose_call_it_is():
    """ZeroGPU takes the quota of the visitor that gradio's context names."""
    seen = []

    def watching(prepared, task):
        seen.append(LocalContext.request.get(None))
        yield from compute(prepared, task)

    with served(ui.build(compute=watching, presets={"quick": SMALL}, results=None)) as url:
        one = Client(url, verbose=False, headers={"x-ip-token": "somebody"})
        one.predict(**PAIR, preset="quick", settings={}, api_name="/blend")
    (request,) = seen
    assert request.headers["x-ip-token"] == "somebody"


# The queue


def endless(client):
    """A call that never ends by itself, already at work."""
    job = client.submit(**PAIR, preset="high-res", settings={}, api_name="/blend")
    for progress, *_ in job:
        if progress["stage"] == "seeding":
            return job


def phases_of(job, count):
    return [next(job)[0]["stage"] for _ in range(count)]


def test_who_waits_is_told_the_place_and_begins_when_the_other_cancels(client, url):
    first = endless(client)
    second = Client(url, verbose=False).submit(
        **PAIR, preset="quick", settings={}, api_name="/blend"
    )
    told = next(second)[0]
    assert (told["stage"], told["ahead"]) == ("waiting", 1)
    assert next(second)[0]["stage"] == "waiting"
    first.cancel()
    assert [progress["stage"] for progress, *_ in second][-1] == "done"


def test_who_is_gone_leaves_the_machine_to_the_next(client, url):
    code = (
        "import sys; from gradio_client import Client, handle_file\n"
        "url, picture, track = sys.argv[1:]\n"
        "job = Client(url, verbose=False).submit(handle_file(picture), handle_file(track),"
        " 'high-res', {}, api_name='/blend')\n"
        "for progress, *_ in job: print(progress['stage'], flush=True)\n"
    )
    command = [sys.executable, "-c", code, url, str(PICTURE), str(PAD)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as gone:
        for line in gone.stdout:
            if line.strip() == "seeding":
                break
        gone.kill()
    assert client.predict(**PAIR, preset="quick", settings={}, api_name="/blend")[0]["points"]


# Agents


def in_base64(path, kind):
    return f"data:{kind};base64," + base64.b64encode(path.read_bytes()).decode()


def with_agent(url, use):
    """Return what `use(session)` returns, in a session of an MCP client over HTTP."""

    async def connected():
        async with (
            streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return asyncio.run(connected())


def test_an_agent_finds_tools_that_explain_themselves(url):
    tools = {tool.name: tool for tool in with_agent(url, ClientSession.list_tools).tools}
    assert set(tools) == {"blend", "render_point", *(f"sonify_{kind}" for kind in SOURCES)}
    for tool in tools.values():
        assert len(tool.description.split()) > 20
        for name, about in tool.inputSchema["properties"].items():
            assert about["description"], name
            assert about["type"] in ("string", "integer", "object", "array")
    assert tools["blend"].inputSchema["required"] == ["picture", "track"]
    assert tools["render_point"].inputSchema["required"] == ["run", "point"]
    for kind, name in SOURCES.items():
        assert tools[f"sonify_{kind}"].inputSchema["required"] == [name]


def test_an_agent_blends_and_hears_of_progress_and_fetches_a_sound(url):
    heard = []

    async def use(session):
        async def progress(*told):
            heard.append(told)

        given = {
            "picture": in_base64(PICTURE, "image/webp"),
            "track": in_base64(PAD, "audio/ogg"),
            "settings": {"seed": 5},
        }
        return await session.call_tool("blend", given, progress_callback=progress)

    result = with_agent(url, use)
    assert not result.isError
    assert heard
    words = " ".join(part.text for part in result.content if part.type == "text")
    assert "'stage': 'done'" in words
    sound = next(word for word in words.replace("'", " ").split() if word.endswith("front/00.wav"))
    where = sound if sound.startswith("http") else f"{url}/gradio_api/file={sound}"
    assert httpx.get(where).content.startswith(b"RIFF")
    assert any(part.type == "image" for part in result.content)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"preset": "loud"}, "There is no preset 'loud'"),
        ({"picture": "/etc/passwd"}, "Invalid file data format"),
    ],
)
def test_an_agent_is_told_what_is_wrong(url, given, sentence):
    files = {
        "picture": in_base64(PICTURE, "image/webp"),
        "track": in_base64(PAD, "audio/ogg"),
    }
    result = with_agent(url, lambda session: session.call_tool("blend", files | given))
    assert result.isError
    assert sentence in result.content[0].text


# Attackers


def file_at(path, **more):
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}, **more}


def answer_to(url, body, name="blend"):
    """The events of a raw call, as (event, data)."""
    call = httpx.post(f"{url}/gradio_api/call/{name}", json=body, timeout=PATIENCE_S)
    if call.status_code != 200:
        return [(str(call.status_code), call.text)]
    lines = httpx.get(
        f"{url}/gradio_api/call/{name}/{call.json()['event_id']}", timeout=PATIENCE_S
    ).text.splitlines()
    return [
        (event.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for event, data in zip(lines[::3], lines[1::3], strict=False)
    ]


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret.png"
    path.write_text(SECRET)
    return path


def spelled(secret, how):
    link = temp_root() / "link-to-secret.png"
    if how == "link" and not link.is_symlink():
        link.symlink_to(secret)
    ways = {
        "plain": secret,
        "up and down": f"{temp_root()}/../{'../' * 20}{secret}",
        "link": link,
        "file scheme": f"file://{secret}",
        "device": "/dev/zero",
        "process": "/proc/self/environ",
        "folder": temp_root(),
        "nul": f"{secret}\0.png",
    }
    return ways[how]


HOWS = ["plain", "up and down", "link", "file scheme", "device", "process", "folder", "nul"]
# Every handler asks the same function; the two that differ most say that it asks.
SEVERAL = [how if how in ("plain", "link") else pytest.param(how, marks=SOAK) for how in HOWS]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("place", [0, 1, 4])
def test_no_call_reads_a_file_that_was_not_uploaded(url, secret, how, place):
    data = [file_at(PICTURE), file_at(PAD), "quick", {}, None]
    data[place] = file_at(spelled(secret, how))
    events = answer_to(url, {"data": data})
    assert events[-1][0] == "error"
    assert events[-1][1]["error"].endswith(".")
    assert SECRET not in json.dumps(events)


@pytest.mark.parametrize("how", SEVERAL)
def test_no_part_of_the_page_reads_a_file_that_was_not_uploaded(page, url, secret, how):
    """Every handler that takes a file, whatever its component lets through."""
    path = spelled(secret, how)
    takers = 0
    for index, function in page.fns.items():
        kinds = [type(block).__name__ for block in function.inputs]
        if not (ONE_FILE | {"FilesInput"}) & set(kinds):
            continue
        takers += 1
        data = [
            file_at(path)
            if kind in ONE_FILE
            else [file_at(path)]
            if kind == "FilesInput"
            else (None if block.stateful else block.value)
            for kind, block in zip(kinds, function.inputs, strict=True)
        ]
        session = f"attacker-{index}"
        body = {"data": data, "fn_index": index, "session_hash": session, "trigger_id": None}
        joined = httpx.post(f"{url}/gradio_api/queue/join", json=body, timeout=PATIENCE_S)
        said = joined.text
        if joined.status_code == 200:
            stream = httpx.get(
                f"{url}/gradio_api/queue/data?session_hash={session}", timeout=PATIENCE_S
            )
            said += stream.text
            assert "process_completed" in said
        assert SECRET not in said
        assert "Traceback" not in said
    assert takers >= 12
    for named in (secret, path):
        fetched = httpx.get(f"{url}/gradio_api/file={named}".replace("\0", "%00"))
        assert SECRET not in fetched.text


@pytest.fixture
def asked():
    """A server on this machine that no request may make MOSS ask; and what it was asked for."""
    paths = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with closing(server.socket):
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


@pytest.mark.parametrize("field", ["path", "url", "both"])
def test_no_address_of_this_machine_is_fetched(url, asked, field):
    address, paths = asked
    own = f"{address}/inner.png"
    files = {
        "path": file_at(own),
        "url": file_at("picture.png", url=own),
        "both": file_at(own, url=own),
    }
    events = answer_to(url, {"data": [files[field], file_at(PAD), "quick", {}, None]})
    assert events[-1][0] == "error"
    assert events[-1][1]["error"].endswith(".")
    assert paths == []
    httpx.get(own)
    assert paths == ["/inner.png"]  # the server hears of it if somebody asks


RUBBISH = [[], [None], [42, "x", "quick", {}, None], [None] * 9, [{"path": 7}, {}, None, "[]"]]


@pytest.mark.parametrize("data", RUBBISH, ids=map(str, range(len(RUBBISH))))
def test_rubbish_is_answered_with_a_sentence(url, data):
    event, said = answer_to(url, {"data": data})[-1]
    assert event == "error"
    assert said["error"].endswith(".") and "\n" not in said["error"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_call_that_is_too_large_is_refused(url, declared):
    piece = b" " * 2**20

    def body():
        yield b'{"data": ["'
        for _ in range(MAX_BODY_BYTES // len(piece) + 1):
            yield piece
        yield b'"]}'

    content = b"".join(body()) if declared else body()
    with httpx.Client(timeout=PATIENCE_S) as client:
        try:
            answer = client.post(f"{url}/gradio_api/call/blend", content=content)
        except httpx.TransportError:
            return  # the connection was closed while it was still coming
    assert answer.status_code in (400, 413, 422)
    if declared:
        assert answer.text.endswith(".")


def test_an_upload_that_says_it_is_too_large_is_refused_before_it_comes(url):
    address = httpx.URL(url)
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {address.host}\r\nContent-Length: {2**40}\r\n"
    )
    with socket.create_connection((address.host, address.port), PATIENCE_S) as connection:
        connection.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n")
        answer = ""
        while not answer.endswith(".") and (piece := connection.recv(65_536)):
            answer += piece.decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "An upload may have up to 256 MiB." in answer


def test_an_upload_without_room_is_refused_with_a_sentence(page, url, monkeypatch):
    monkeypatch.setattr(page.room, "_max_bytes", 0)
    before = set(temp_root().iterdir())
    answer = httpx.post(f"{url}/gradio_api/upload", files={"files": ("a.png", b"x" * 1000)})
    assert (answer.status_code, answer.text) == (507, FULL)
    assert set(temp_root().iterdir()) <= before


def test_a_run_without_room_is_refused_with_a_sentence(page, client, monkeypatch):
    files = {name: file for name, file in PAIR.items()}
    most = page.room._max_bytes

    def full_after_the_uploads(size_bytes, reserve=page.room.reserve):
        monkeypatch.setattr(page.room, "_max_bytes", 0 if size_bytes > 10**7 else most)
        return reserve(size_bytes)

    monkeypatch.setattr(page.room, "reserve", full_after_the_uploads)
    assert failed(client, **files, preset="quick", settings={}, api_name="/blend") == FULL


def test_what_a_visitor_put_in_is_let_go_when_the_page_is_closed(page, url):
    session = "somebody"
    page.room.hold(session, "picture", temp_root() / "upload" / "a.png")
    address = f"{url}/gradio_api/heartbeat/{session}"
    with httpx.stream("GET", address, timeout=PATIENCE_S) as opened:
        beats = opened.iter_text()
        assert next(beats)
        time.sleep(0.2)
        assert session in page.room.holders
    eventually(lambda: session not in page.room.holders)
