# syntax=docker/dockerfile:1
# The server as a small image. `docker build -t osh-map .`, or by way of docker-compose.yml.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The registry and the target folder live in BuildKit's cache, so that a second build compiles our own crates only,
# and no layer has to pretend an empty workspace to separate the dependencies. The binary leaves the cache by copy.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --package api --bin osh-map \
    && cp target/dist/osh-map /usr/local/bin/osh-map

FROM debian:bookworm-slim
# The certificates are for what the server calls: databases over TLS, a provider's keys, a collector of traces.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/osh-map --create-home --shell /usr/sbin/nologin osh-map
COPY --from=build /usr/local/bin/osh-map /usr/local/bin/osh-map

USER 10001
# Without OSH_DATABASE_URL the server keeps an SQLite file below its working directory: mount a volume here to keep it.
WORKDIR /var/lib/osh-map
# Inside a container 127.0.0.1, the default, is reachable by nobody.
ENV OSH_HTTP_LISTEN=0.0.0.0:8080
# What is freed goes back at once, not after a second: many sockets make many peaks. No request is slower for it.
ENV MIMALLOC_PURGE_DELAY=0
EXPOSE 8080
# The binary asks its own /health/live: the image needs no curl. Readiness is for the balancer, which takes a replica
# out of the round; an unhealthy container is one to restart, and a lost database is no reason for that.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["osh-map", "health"]
ENTRYPOINT ["osh-map"]
CMD ["serve"]
