# nginx of the distribution, as the official image has it: nginx, bash and curl.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light curl && rm -rf /var/lib/apt/lists/*
USER 10001:10001
CMD ["nginx"]
