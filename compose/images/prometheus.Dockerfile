# Prometheus of the distribution.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/*
USER 10001:10001
ENTRYPOINT ["prometheus"]
