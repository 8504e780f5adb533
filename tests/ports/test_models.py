"""The Models port: the desk, and servers that behave well or badly."""

from collections.abc import AsyncIterator, Sequence

import pytest
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelRequest, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import Model

from outcry.adapters.models.local import find_servers
from outcry.adapters.models.openai import OpenaiModels
from outcry.kit.errors import InvalidInputError
from outcry.ports.models import FoundServer, ModelServer
from tests.adapters_support.openai_server import Cut, Fail, Garbage, OpenaiServer, Say, Stall, Step


@pytest.fixture
async def models() -> AsyncIterator[OpenaiModels]:
    """The engine, impatient so that stalls end soon."""
    engine = OpenaiModels(connect_s=1.0, silence_s=0.3)
    yield engine
    await engine.close()


@pytest.fixture
async def server() -> AsyncIterator[OpenaiServer]:
    """A server that can be scripted."""
    async with OpenaiServer() as running:
        yield running


def local(server: OpenaiServer, *, private_allowed: bool = True, api_key: str = "sk-secret") -> ModelServer:
    """Return the scripted server as an operator would set it."""
    return ModelServer(base_url=server.base_url, model="test-model", api_key=api_key, private_allowed=private_allowed)


async def ask(model: Model, text: str) -> str:
    """Return what a model answers to one message."""
    answer = ""
    async with model_request_stream(model, [ModelRequest.user_text_prompt(text)]) as stream:
        async for event in stream:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                answer += event.part.content
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                answer += event.delta.content_delta
    return answer


async def test_the_desk_answers_without_network(models: OpenaiModels) -> None:
    assert "RSI" in await ask(models.desk(), "what can you do?")


async def test_a_server_streams(models: OpenaiModels, server: OpenaiServer) -> None:
    server.play(Say("the quick brown fox"))
    assert await ask(await models.at(local(server)), "hello") == "the quick brown fox"
    assert server.requests[-1].headers["authorization"] == "Bearer sk-secret"
    assert server.requests[-1].headers["host"] == f"127.0.0.1:{server.port}"
    assert server.requests[-1].body["stream"] is True


async def test_connections_are_kept(models: OpenaiModels, server: OpenaiServer) -> None:
    assert await models.at(local(server)) is await models.at(local(server))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Fail(401), "did not accept the key"),
        (Fail(403), "did not accept the key"),
        (Fail(404), "does not know this model or address"),
        (Fail(429), "refused because of too many requests"),
        (Fail(500), "answered with an error (status 500)"),
        (Fail(503), "answered with an error (status 503)"),
        (Fail(302, headers=(("location", "http://169.254.169.254/"),)), "cannot be understood"),
        (Stall(), "did not answer in time"),
        (Garbage(), "answered with something that cannot be understood"),
        (Garbage(b"<html>hello</html>"), "answered with something that cannot be understood"),
        (Cut(), "broke the connection"),
    ],
)
async def test_each_failure_is_told_in_safe_words(
    models: OpenaiModels, server: OpenaiServer, step: Step, words: str
) -> None:
    server.play(step)
    trial = await models.try_server(local(server))
    assert not trial.ok
    assert words in trial.message
    assert "secret" not in trial.message
    assert "sk-" not in trial.message


async def test_trying_tells_the_time_and_the_models(models: OpenaiModels, server: OpenaiServer) -> None:
    trial = await models.try_server(local(server))
    assert trial.ok
    assert trial.first_token_ms is not None
    assert 0 < trial.first_token_ms < 5000
    assert trial.models == ("test-model",)


async def test_a_refused_connection(models: OpenaiModels, server: OpenaiServer) -> None:
    await server.__aexit__(None, None, None)
    trial = await models.try_server(local(server))
    assert trial.message == "The server cannot be reached."
    await server.__aenter__()


async def test_local_servers_are_found_but_not_our_own(server: OpenaiServer) -> None:
    ports = [("Ollama", server.port), ("closed", 1)]
    found = await find_servers(own_port=0, ports=ports)
    assert found == (FoundServer(kind="Ollama", base_url=server.base_url, models=("test-model",)),)
    assert await find_servers(own_port=server.port, ports=ports) == ()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/v1",
        "file:///etc/passwd",
        "http://user:pass@example.com/v1",
        "http://example.com/v1?x=1",
        "http://example.com/v1#x",
        "//example.com",
        "http://",
        "http://example.com:99999/v1",
        "http://[::1",
        "nonsense",
    ],
)
async def test_what_is_no_plain_address_is_refused(models: OpenaiModels, url: str) -> None:
    with pytest.raises(InvalidInputError):
        await models.check(ModelServer(base_url=url, model="m", private_allowed=True))


def resolving(*addresses: str) -> OpenaiModels:
    """Return an engine for which every host has these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return OpenaiModels(connect_s=0.5, silence_s=0.5, resolve=resolve)


@pytest.mark.parametrize(
    ("address", "public", "operator"),
    [
        ("93.184.215.14", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.1.5", False, True),
        ("100.64.0.1", False, True),
        ("fd12::1", False, True),
        ("fe80::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:a9fe:a9fe::", False, False),
        ("fd00:ec2::254", False, False),
        ("100.100.100.200", False, False),
        ("0.0.0.0", False, False),  # noqa: S104  # refused, not bound
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
    ],
)
async def test_which_addresses_may_be_called(address: str, public: bool, operator: bool) -> None:
    for private_allowed, allowed in ((False, public), (True, operator)):
        server = ModelServer(base_url="https://models.example/v1", model="m", private_allowed=private_allowed)
        if allowed:
            await resolving(address).check(server)
        else:
            with pytest.raises(InvalidInputError):
                await resolving(address).check(server)


async def test_one_bad_address_among_good_ones_is_enough() -> None:
    server = ModelServer(base_url="https://models.example/v1", model="m")
    with pytest.raises(InvalidInputError):
        await resolving("93.184.215.14", "127.0.0.1").check(server)


async def test_the_address_is_checked_again_at_every_call(server: OpenaiServer) -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    engine = OpenaiModels(connect_s=0.5, silence_s=0.5, resolve=rebinding)
    target = ModelServer(base_url=f"http://models.example:{server.port}/v1", model="m")
    await engine.check(target)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the client library's own, explained below
        await ask(await engine.at(target), "hello")
    assert "operator" in engine.explain(caught.value)
    assert server.requests == []
    await engine.close()
