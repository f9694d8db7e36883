"""A run as spans of OpenTelemetry: handed to an exporter of its SDK, or written as OTLP JSON.

The spans follow the semantic conventions for generative AI; `otel_names` pins every name.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from folkmoot.records.canonical import canonical
from folkmoot.records.exports import otel_names as names
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.exports.otel_spans import Attributes, Span, Value, spans
from folkmoot.records.exports.source import Source, read_source
from folkmoot.records.files import replace

if TYPE_CHECKING:
    from opentelemetry import trace as otel_trace
    from opentelemetry.sdk import resources as otel_resources
    from opentelemetry.sdk import trace as otel_sdk
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.util import instrumentation as otel_scope
else:
    otel_trace = Extra("opentelemetry.trace", "otel")
    otel_resources = Extra("opentelemetry.sdk.resources", "otel")
    otel_sdk = Extra("opentelemetry.sdk.trace", "otel")
    otel_scope = Extra("opentelemetry.sdk.util.instrumentation", "otel")

_KINDS: Final = {"internal": 1, "client": 3}
"""As OTLP numbers them."""

_RESOURCE: Final[Attributes] = {"service.name": "folkmoot"}


def export_otel(source: Source, exporter: "SpanExporter", *, content: bool = False) -> None:
    """Hand the spans of a run to an exporter of the OpenTelemetry SDK, such as one that sends them.

    Args:
        source: the record.
        exporter: any `SpanExporter`.
        content: as for `spans`.

    Raises:
        InputError: opentelemetry-sdk is not installed.
    """
    resource = otel_resources.Resource(dict(_RESOURCE), names.SCHEMA)
    scope = otel_scope.InstrumentationScope(
        "folkmoot", source.opening.versions.get("folkmoot"), names.SCHEMA
    )
    exporter.export([_sdk(span, resource, scope) for span in spans(source, content=content)])


def export(record: Path, to: Path, *, content: bool = False) -> None:
    """Write the spans of a record as OTLP JSON, which collectors read from a file. Needs no package.

    Args:
        record: its folder.
        to: the file.
        content: as for `spans`.

    Raises:
        RecordError: the record cannot be read, or the file not be written.
    """
    source = read_source(record)
    scope = {"name": "folkmoot", "version": source.opening.versions.get("folkmoot", "")}
    data = {
        "resourceSpans": [
            {
                "resource": {"attributes": _otlp(_RESOURCE)},
                "scopeSpans": [
                    {
                        "scope": scope,
                        "spans": [_as_otlp(each) for each in spans(source, content=content)],
                        "schemaUrl": names.SCHEMA,
                    }
                ],
                "schemaUrl": names.SCHEMA,
            }
        ]
    }
    try:
        replace(to, canonical(data) + b"\n")
    except OSError as error:
        raise cannot_write(to, error) from error


def _otlp(given: Attributes) -> list[dict[str, Any]]:
    return [{"key": name, "value": _otlp_value(value)} for name, value in given.items()]


def _otlp_value(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, tuple):
        return {"arrayValue": {"values": [{"stringValue": each} for each in value]}}
    return {"stringValue": value}


def _as_otlp(span: Span) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": _otlp(span.attributes),
        "events": [
            {"name": each.name, "timeUnixNano": str(each.at), "attributes": _otlp(each.attributes)}
            for each in span.events
        ],
        "status": {"code": 2, "message": span.error} if span.error else {"code": 0},
    }
    if span.parent_id is not None:
        found["parentSpanId"] = span.parent_id
    return found


def _sdk(span: Span, resource: Any, scope: Any) -> Any:
    """The span as the SDK has it."""

    def context(span_id: str) -> Any:
        flags = otel_trace.TraceFlags(otel_trace.TraceFlags.SAMPLED)
        return otel_trace.SpanContext(
            int(span.trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags
        )

    code = otel_trace.StatusCode.ERROR if span.error else otel_trace.StatusCode.UNSET
    return otel_sdk.ReadableSpan(
        name=span.name,
        context=context(span.span_id),
        parent=None if span.parent_id is None else context(span.parent_id),
        resource=resource,
        attributes=dict(span.attributes),
        events=[otel_sdk.Event(e.name, dict(e.attributes), e.at) for e in span.events],
        kind=otel_trace.SpanKind[span.kind.upper()],
        status=otel_trace.Status(code, span.error),
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=scope,
    )
