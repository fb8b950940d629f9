# An S3 server for staging where RustFS cannot be pulled: versitygw over a folder, told by the same variables.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
COPY build/images/versitygw /usr/local/bin/versitygw
COPY compose/images/staging-start /usr/local/bin/staging-start
USER 10001:10001
ENTRYPOINT ["staging-start"]
