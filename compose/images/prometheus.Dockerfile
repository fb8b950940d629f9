# Prometheus of the distribution, with the exporters.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends prometheus prometheus-blackbox-exporter prometheus-node-exporter && \
    cd /usr/bin && ln -s prometheus-blackbox-exporter blackbox_exporter && ln -s prometheus-node-exporter node_exporter && rm -rf /var/lib/apt/lists/*
USER 10001:10001
ENTRYPOINT ["prometheus"]
