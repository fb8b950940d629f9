# Traefik as compose/images/programs built it.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY build/images/traefik /usr/local/bin/traefik
USER 10001:10001
ENTRYPOINT ["traefik"]
