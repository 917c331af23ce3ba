"""The Execution Planner wire of 2021, message by message."""

import json
from pathlib import Path

import msgspec
import pytest
import yaml

from jupyter_canidothis.answer import Answer, Offer, Reason, Verdict
from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.task import Executable, Range, Resources, Task
from jupyter_canidothis.wire import accepts

RECORDED = sorted((Path(__file__).parent.parent / "recorded" / "accepts").glob("*.json"))
GIB = 2**30


def message(path):
    return json.loads(path.read_text(encoding="utf-8"))


def decoded(request):
    return accepts.decode(
        request["method"],
        request.get("content_type", ""),
        request.get("query", ""),
        request.get("body", "").encode(),
    )


def posted(value, media="application/json"):
    body = value if isinstance(value, str) else json.dumps(value)
    return accepts.decode("POST", media, "", body.encode())


def asked(**resources):
    return posted({"tasktype": "uri://docker-container", "resources": resources})


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_message_of_the_note_is_answered_byte_for_byte(path):
    exchange = message(path)
    answers = msgspec.convert(exchange["answers"], list[Answer])
    media, body = accepts.encode(decoded(exchange["request"]), answers)
    assert media == "application/json"
    assert body.decode() == exchange["reply"]


def test_several_interfaces_are_the_notes_own_reply_with_the_best_repeated_on_top():
    exchange = message(next(path for path in RECORDED if path.stem == "multiple-interfaces"))
    ours, notes = json.loads(exchange["reply"]), json.loads(exchange["note"])
    best = notes["interfaces"][0]
    assert ours == {**notes, **best}


def test_a_query_may_write_resources_with_or_without_their_group():
    query = "tasktype=uri://docker-container&resources.mincores=8&minmemory=8G"
    request = accepts.decode("GET", "", query, b"")
    assert request.task.resources == Resources(cores=Range(min=8000), memory=Range(min=8 * GIB))
    assert request.spelled == {"mincores": "8", "minmemory": "8G"}


@pytest.mark.parametrize(
    "languages", ["{md,python}", "md,Python", "md, python,md", "{md,python,}"]
)
def test_languages_in_a_query_are_a_list_in_braces_or_between_commas(languages):
    request = accepts.decode(
        "GET", "", f"tasktype=uri://zeppelin-notebook&taskinfo.languages={languages}", b""
    )
    assert request.task.executable.languages == ("md", "python")


def test_a_repeated_query_field_is_a_list():
    query = "tasktype=uri://zeppelin-notebook&taskinfo.languages=md&taskinfo.languages=python"
    assert accepts.decode("GET", "", query, b"").task.executable.languages == ("md", "python")


@pytest.mark.parametrize(
    "body",
    [
        "{tasktype: uri://docker-container, resources: {mincores: 8, maxcores:, minmemory: 8G}}",
        "tasktype: uri://docker-container\nresources:\n  mincores: 8\n  maxcores:\n  minmemory: 8G\n",
        '{"tasktype": "uri://docker-container", "resources": {"mincores": 8, "minmemory": "8G",}}',
    ],
)
@pytest.mark.parametrize(
    "media", ["", "application/yaml", "text/yaml; charset=utf-8", "text/plain"]
)
def test_the_pseudo_json_of_the_slides_works_as_written(body, media):
    request = posted(body, media)
    assert request.task.resources == Resources(cores=Range(min=8000), memory=Range(min=8 * GIB))


def test_json_sent_with_the_default_content_type_of_curl_is_read():
    body = '{"tasktype": "uri://docker-container"}'
    assert posted(body, "application/x-www-form-urlencoded").known


def test_a_form_in_the_body_is_read_like_a_query():
    body = "tasktype=uri://docker-container&taskinfo.image=example:1.0"
    request = posted(body, "application/x-www-form-urlencoded")
    assert request.task.executable.image == "example:1.0"


def test_a_file_by_value_becomes_the_content_of_the_task():
    path = next(path for path in RECORDED if path.stem == "compose-by-value")
    task = decoded(message(path)["request"]).task
    assert task.executable.content.startswith("services:\n  webapp:")
    assert (task.executable.location, task.name) == ("", "compose.yml")


def test_resources_may_come_as_a_yaml_part_of_a_form():
    parts = [
        '--x\r\nContent-Disposition: form-data; name="tasktype"\r\n\r\nuri://docker-container\r\n',
        '--x\r\nContent-Disposition: form-data; name="resources"; filename="r.yml"\r\n\r\nmincores: 2\r\n--x--\r\n',
    ]
    request = posted("".join(parts), "multipart/form-data; boundary=x")
    assert request.task.resources.cores == Range(min=2000)


def test_a_draft_name_without_scheme_is_the_same_task_type():
    assert (
        posted({"tasktype": "docker-container"}).task.executable.type
        == "uri://docker-container"
    )


def test_an_unknown_task_type_is_a_plain_no_and_nothing_else_is_looked_at():
    request = posted(
        {"tasktype": "uri://teapot", "taskinfo": [], "resources": {"mincores": -1}}
    )
    yes = Answer("p", Verdict.YES, offers=(Offer("uri://slurm"),))
    assert accepts.reply_to(request, [yes]) == {"reponseword": "NO"}


def test_unknown_fields_are_ignored():
    request = posted(
        {
            "tasktype": "uri://docker-container",
            "taskinfo": {"colour": 3},
            "mood": [1],
            "resources": {"x": {}},
        }
    )
    assert request.task == Task(Executable("uri://docker-container"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tasktype"),
        ({"tasktype": 7}, "tasktype"),
        ({"tasktype": "  "}, "tasktype"),
        ({"tasktype": "uri://docker-container", "taskinfo": "x"}, "taskinfo"),
        ({"tasktype": "uri://docker-container", "taskinfo": {"image": 3}}, "taskinfo.image"),
        (
            {"tasktype": "uri://docker-container", "taskinfo": {"image": "x" * 9000}},
            "taskinfo.image",
        ),
        (
            {"tasktype": "uri://zeppelin-notebook", "taskinfo": {"languages": [3]}},
            "taskinfo.languages",
        ),
        (
            {
                "tasktype": "uri://zeppelin-notebook",
                "taskinfo": {"languages": [str(n) for n in range(65)]},
            },
            "taskinfo.languages",
        ),
        ({"tasktype": "uri://batch-script", "taskinfo": {"command": {}}}, "taskinfo.command"),
        ({"tasktype": "uri://batch-script", "taskinfo": {"content": 1}}, "taskinfo.content"),
        ({"tasktype": "uri://docker-container", "resources": [1]}, "resources"),
        ([], "body"),
        ("nope", "body"),
        ('{"tasktype": NaN}', "body"),
        ("[" * 100_000, "body"),
    ],
)
def test_a_bad_body_names_the_field(body, field):
    with pytest.raises(RequestError) as caught:
        posted(body)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("minmemory", "8 apples"),
        ("minmemory", -1),
        ("minmemory", True),
        ("minmemory", [8]),
        ("mincores", "eight"),
        ("mincores", {"a": 1}),
        ("mincores", -2),
        ("minduration", "soon"),
        ("maxstartup", "1e999"),
        ("mingpus", 1.5),
        ("gpumemory", "much"),
        ("gpumodel", 100),
        ("maxdisk", 2**80),
    ],
)
def test_a_bad_amount_names_its_key(key, value):
    with pytest.raises(RequestError) as caught:
        asked(**{key: value})
    assert caught.value.field == f"resources.{key}"


def test_a_minimum_above_its_maximum_names_both():
    with pytest.raises(
        RequestError, match=r"resources\.minmemory: '8G'.*maxmemory, which is 4G"
    ):
        asked(minmemory="8G", maxmemory="4G")


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("image/png", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"\xff\x00"),
        ("application/json", b"\xff\xfe"),
        ("application/yaml", b"a: [1"),
    ],
)
def test_a_body_of_the_wrong_type_is_a_request_error(media, body):
    with pytest.raises(RequestError):
        accepts.decode("POST", media, "", body)


def test_a_query_that_is_not_utf8_or_too_long_is_a_request_error():
    for query in (
        "tasktype=%ff",
        "&".join(f"a{n}=1" for n in range(300)),
        "tasktype=x&tasktype.y=1",
    ):
        with pytest.raises(RequestError):
            accepts.decode("GET", "", query, b"")


def test_what_was_asked_is_echoed_in_the_clients_own_spelling():
    request = asked(
        mincores="4", maxcores=8.0, minmemory="8192MiB", minduration="PT10M", minstore="1G"
    )
    offer = Offer(
        "uri://slurm",
        resources=msgspec.structs.replace(request.task.resources, disk=Range(GIB, 2 * GIB)),
    )
    reply = accepts.reply_to(request, [Answer("p", Verdict.YES, offers=(offer,))])
    assert reply["resources"] == {
        "mincores": "4",
        "maxcores": 8.0,
        "minmemory": "8192MiB",
        "minduration": "PT10M",
        "minstore": "1G",
        "maxstore": "2G",
    }


def test_an_end_that_the_platform_lowered_is_shown_as_it_lowered_it():
    request = asked(mincores=1, maxcores=64)
    offer = Offer("uri://slurm", resources=Resources(cores=Range(1000, 1500)))
    reply = accepts.reply_to(request, [Answer("p", Verdict.YES, offers=(offer,))])
    assert reply["resources"] == {"mincores": 1, "maxcores": 1.5}


def test_gpus_and_what_they_have_to_be_are_read_and_echoed():
    request = asked(mingpus=2, gpumodel="a100", gpumemory="40G")
    gpu = request.task.resources.gpu
    assert (gpu.model, gpu.memory, gpu.vendor) == ("a100", 40 * GIB, None)
    offer = Offer("uri://slurm", resources=Resources(gpus=Range(2, 8)))
    reply = accepts.reply_to(request, [Answer("p", Verdict.YES, offers=(offer,))])
    assert reply["resources"] == {
        "mingpus": 2,
        "maxgpus": 8,
        "gpumodel": "a100",
        "gpumemory": "40G",
    }


def test_the_best_of_several_platforms_comes_first_and_equal_ways_come_once():
    request = posted({"tasktype": "uri://docker-container"})
    answers = [
        Answer("a", Verdict.YES, offers=(Offer("uri://slurm"),)),
        Answer("b", Verdict.NO),
        Answer("c", Verdict.YES, offers=(Offer("uri://slurm"), Offer("uri://docker-uws"))),
    ]
    reply = accepts.reply_to(request, answers)
    assert reply["servicetype"] == "uri://slurm"
    assert [way["servicetype"] for way in reply["interfaces"]] == [
        "uri://slurm",
        "uri://docker-uws",
    ]


def test_nobody_can_tell_is_a_no_with_a_reason():
    request = posted({"tasktype": "uri://docker-container"})
    answers = [
        Answer(
            "a", Verdict.CANNOT_TELL, reasons=(Reason("timed-out", "no answer within 5 s"),)
        ),
        Answer("b", Verdict.CANNOT_TELL),
        Answer("c", Verdict.NO, reasons=(Reason("limit-exceeded", "8 cores is the most"),)),
        Answer("d", Verdict.NO, reasons=(Reason("kind-unsupported", "no containers"),)),
    ]
    assert accepts.reply_to(request, answers) == {
        "reponseword": "NO",
        "reponseinfo": {
            "reasons": [
                {"httpcode": 504, "text": "a: no answer within 5 s"},
                {"httpcode": 503, "text": "b: nobody can tell"},
                {"httpcode": 422, "text": "c: 8 cores is the most"},
            ]
        },
    }


def test_who_may_use_a_platform_is_not_told_to_strangers():
    request = posted({"tasktype": "uri://docker-container"})
    answers = [Answer("a", Verdict.NO, reasons=(Reason("not-authorised", "only alice"),))]
    _, body = accepts.encode(request, answers)
    assert b"alice" not in body


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/yaml", "application/yaml"),
        ("application/json;q=0.5, text/yaml", "application/yaml"),
        ("application/yaml;q=0.1, application/json", "application/json"),
        ("application/yaml;q=nonsense", "application/json"),
    ],
)
def test_the_accept_header_chooses_json_or_yaml(accept, media):
    request = posted({"tasktype": "uri://docker-container", "resources": {"minmemory": "8G"}})
    answers = [
        Answer(
            "a",
            Verdict.YES,
            offers=(Offer("uri://slurm", service_info={"endpoint": "http://x"}),),
        )
    ]
    written, body = accepts.encode(request, answers, accept=accept)
    assert written == media
    expected = accepts.reply_to(request, answers)
    assert (json.loads if media == "application/json" else yaml.safe_load)(body) == expected
