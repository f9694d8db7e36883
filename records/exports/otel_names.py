"""The names of the OpenTelemetry export, all in one place: they are still in development, and change.

Those under `gen_ai`, `server` and `error` are of the semantic conventions for generative AI, version 1.41.1;
a test holds them against the package. Our own are under `deliberation`, and none of ours under `gen_ai`.
"""

from typing import Final

SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.1"

OPERATION: Final = "gen_ai.operation.name"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
CONVERSATION: Final = "gen_ai.conversation.id"
AGENT_ID: Final = "gen_ai.agent.id"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_DESCRIPTION: Final = "gen_ai.agent.description"
AGENT_VERSION: Final = "gen_ai.agent.version"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_TOP_P: Final = "gen_ai.request.top_p"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_ID: Final = "gen_ai.response.id"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_VALUE: Final = "gen_ai.evaluation.score.value"
EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
EVALUATION_EXPLANATION: Final = "gen_ai.evaluation.explanation"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
ERROR_TYPE: Final = "error.type"

CONVENTIONS: Final = tuple(
    value
    for name, value in dict(globals()).items()
    if name.isupper() and name != "SCHEMA" and isinstance(value, str)
)
"""Every name above."""

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"
DETAILS_EVENT: Final = "gen_ai.client.inference.operation.details"
"""Holds what was said, where that is asked for."""

INVOKE_WORKFLOW: Final = "invoke_workflow"
INVOKE_AGENT: Final = "invoke_agent"
CHAT: Final = "chat"
EMBEDDINGS: Final = "embeddings"

ROUND: Final = "deliberation.round"
STAGE: Final = "deliberation.stage"
STEP: Final = "deliberation.step"
CALL: Final = "deliberation.call"
OP: Final = "deliberation.op"
PURPOSE: Final = "deliberation.purpose"
ABOUT: Final = "deliberation.about"
STATE: Final = "deliberation.reply.state"
RETRIES: Final = "deliberation.reply.retries"
STATUS: Final = "deliberation.status"
DECISION: Final = "deliberation.decision"
SEED: Final = "deliberation.seed"
HEAD: Final = "deliberation.record.head"
REPLAY: Final = "deliberation.replay"
CONTRIBUTOR: Final = "deliberation.contributor"
CONFLICT: Final = "deliberation.conflict"
"""An event for each conflict, and what its attributes begin with."""
MOVE: Final = "deliberation.move"
"""An event for each change of stance."""
