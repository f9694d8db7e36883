"""The same deliberation in AutoGen: a round-robin group chat, every deliberation gathered.

As its documentation has it: an assistant for each seat with the persona as its system message, who
speak one after another. Its assistants hear each other in turn, so a round is as many steps as there
are seats. Needs `autogen-agentchat` and `autogen-ext[openai]`; nothing in it is Folkmoot's.
"""

import asyncio
from importlib import import_module
from typing import Any


async def deliberate_all(
    url: str,
    model: str,
    questions: list[str],
    personas: dict[str, str],
    rounds: int,
    reply_tokens: int,
    extra_body: dict[str, Any],
) -> list[dict[str, Any]]:
    """Deliberate on every question at once; returns the requests that were sent.

    Args:
        url: `http://host:port`.
        model: as the server calls it.
        questions: one for each deliberation.
        personas: seat → its system message.
        rounds: how often each seat speaks.
        reply_tokens: the most tokens of a reply.
        extra_body: what is added to every request.
    """
    # By name: most who run the benches have no AutoGen.
    agents, teams = (import_module(f"autogen_agentchat.{name}") for name in ("agents", "teams"))
    ends = import_module("autogen_agentchat.conditions")
    models = import_module("autogen_ext.models.openai")
    client = models.OpenAIChatCompletionClient(
        model=model,
        base_url=f"{url}/v1",
        api_key="none",
        max_tokens=reply_tokens,
        temperature=0.7,
        top_p=0.95,
        timeout=600.0,
        max_retries=0,
        model_info={
            "vision": False,
            "function_calling": False,
            "json_output": False,
            "structured_output": False,
            "family": "unknown",
        },
    )
    sent = _remembered(client, extra_body)

    async def one(question: str) -> None:
        members = [
            agents.AssistantAgent(seat, model_client=client, system_message=persona)
            for seat, persona in personas.items()
        ]
        # The task is a message too.
        end = ends.MaxMessageTermination(1 + rounds * len(members))
        await teams.RoundRobinGroupChat(members, termination_condition=end).run(task=question)

    await asyncio.gather(*map(one, questions))
    await client.close()
    return sent


def _remembered(client: Any, extra_body: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests that the client will send, each with `extra_body`: AutoGen passes none on."""
    sent: list[dict[str, Any]] = []
    completions = client._client.chat.completions
    create = completions.create

    async def remembering(**asked: Any) -> Any:
        sent.append({"model": asked["model"], "messages": asked["messages"]})
        return await create(**asked, extra_body=extra_body)

    completions.create = remembering
    return sent
