"""Runs of cases as OpenTelemetry spans, for whoever asks for it; needs the extra `otel`."""
