# The broker's image: docs/deploy.md says how it is built, run and checked, docs/adr/0030-image.md why it is made like this.
# `make image` builds it, with the Docker engine or without one.

# The bases, by the digests of their indices for all platforms. `make image-pin` looks up the newest ones and writes them here.
ARG BUILD_BASE=docker.io/library/maven:3.9.16-eclipse-temurin-25@sha256:1b1fc6d0168ea616afd1c861d6f32ec37c9ec2ffe88a0351b3771dd4ad86b0d8
ARG RUN_BASE=docker.io/library/debian:bookworm-slim@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251

# --- From sources to a jar, a runtime and a launcher.
FROM ${BUILD_BASE} AS build
# Versions are those of the base's distribution: nothing of these packages gets into the image.
# hadolint ignore=DL3008
RUN if ! { command -v gcc && command -v pip3; }; then \
      apt-get update \
      && apt-get install -y --no-install-recommends gcc libc6-dev python3-pip \
      && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /src
COPY . .
# The jar and its bill of materials; neither tests nor the embedded Postgres.
RUN mvn -B -ntp -q -Dquickly -Dmaven.test.skip=true -Dpgmq.skip=true -Dsbom.skip=false -pl broker -am package
RUN mkdir -p /opt/wasm-broker/bin /opt/wasm-broker/lib /opt/wasm-broker/sbom \
    && cp broker/target/wasm-broker-app.jar broker/target/parts/libwasmtime.so /opt/wasm-broker/lib/ \
    && cp broker/target/wasm-broker.cdx.json /opt/wasm-broker/sbom/ \
    && cp LICENSE /opt/wasm-broker/ \
    && gcc -std=gnu17 -O2 -static -Wall -Wextra -Werror -Wl,--build-id=none -s \
         -o /opt/wasm-broker/bin/wasm-broker deploy/image/launcher.c \
    && jlink --add-modules "$(paste -sd, deploy/image/modules.txt)" --strip-debug --no-header-files --no-man-pages \
         --generate-cds-archive --output /opt/wasm-broker/runtime \
    && rm -f /opt/wasm-broker/runtime/lib/server/*_nocoops*.jsa /opt/wasm-broker/runtime/lib/jrt-fs.jar \
    && find /opt/wasm-broker/runtime/bin -type f ! -name java -delete

# --- What is made by running the broker, at its final place and on the libraries that it will have.
FROM ${RUN_BASE} AS prepared
COPY --from=build /opt/wasm-broker /opt/wasm-broker
COPY deploy/image/prepare deploy/image/aot-step.json /prepare/
RUN /prepare/prepare

# --- The image: glibc, the broker, and nothing that could run anything else.
FROM scratch
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG RUN_BASE
LABEL org.opencontainers.image.title="wasm-broker" \
      org.opencontainers.image.description="A queue worker that runs untrusted step handlers as WebAssembly." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUN_BASE}"
COPY --from=prepared /image/ /
COPY --from=prepared /opt/wasm-broker /opt/wasm-broker
ENV PATH=/opt/wasm-broker/bin \
    LC_ALL=C.UTF-8 \
    XDG_CACHE_HOME=/var/cache \
    WASM_BROKER_ENGINE_LIBRARY=/opt/wasm-broker/lib/libwasmtime.so \
    WASM_BROKER_ENGINE_COMPILE_SEED=/opt/wasm-broker/compiled \
    WASM_BROKER_HTTP_HOST=0.0.0.0 \
    WASM_BROKER_LOG_FORMAT=json
USER 65532:65532
WORKDIR /
EXPOSE 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["/opt/wasm-broker/bin/wasm-broker", "health", "--live"]
ENTRYPOINT ["/opt/wasm-broker/bin/wasm-broker"]
CMD ["run"]
