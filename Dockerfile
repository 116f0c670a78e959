# The bot, the local Discord and the command line. How to run it: docs/operating.md, "Docker".

# What the finished image stands on: anything with glibc 2.28 or newer and apt, such as an image with CUDA.
ARG BASE=debian:bookworm-slim

FROM node:26-bookworm-slim AS build
WORKDIR /easel
# "cuda12" downloads ONNX Runtime's library for NVIDIA's GPUs, which is built for CUDA 13.
ARG ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./
COPY src/engine/package.json src/engine/package.json
# `npm ci` would build as well, and the sources come later so that this layer outlives a change of theirs.
RUN npm ci --ignore-scripts && npm rebuild onnxruntime-node
COPY tsconfig.json tsconfig.build.json rolldown.config.ts ./
COPY commands commands
COPY src src
# The packages carry binaries of other systems: 250 MB of them.
RUN npm run build \
    && chmod +x dist/src/cli/main.js \
    && npm prune --omit=dev --ignore-scripts \
    && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 \
        ! -path "*/linux/$(node --print process.arch)" -exec rm -r {} + \
    && rm -rf node_modules/@libsql/*-musl node_modules/@img/sharp-wasm32

# hadolint ignore=DL3006
FROM ${BASE}
LABEL org.opencontainers.image.title="Easel" \
      org.opencontainers.image.description="Stable Diffusion v1 in a Discord server, with a small model of its own" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0 AND OFL-1.1"
# tini, because the kernel keeps SIGTERM from a first process that is not listening yet.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libstdc++6 tini \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=1000 --group=1000 --mode=700 /data \
    && ln -s /easel/dist/src/cli/main.js /usr/local/bin/easel
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /easel
# What seldom changes comes first: an update then moves few bytes.
COPY models/bert-tokenizer models/bert-tokenizer
COPY models/clip-tokenizer models/clip-tokenizer
COPY models/easel-256 models/easel-256
COPY models/upscalers/README.md models/upscalers/easel-x4.jpg models/upscalers/easel-x4.safetensors models/upscalers/
COPY --from=build /easel/node_modules node_modules
# node_modules/@easel/engine leads here.
COPY src/engine/package.json src/engine/package.json
COPY LICENSE package.json ./
COPY deploy/healthcheck.js deploy/healthcheck.js
COPY src/bot/fonts src/bot/fonts
COPY src/bot/text/locales src/bot/text/locales
COPY --from=build /easel/src/engine/dist src/engine/dist
COPY --from=build /easel/dist dist

# The local Discord's bot would take any free port. glibc keeps freed memory for each thread; two arenas are enough.
ENV DATA_DIR=/data EASEL_CACHE=/data/cache HEALTH_PORT=8080 MALLOC_ARENA_MAX=2
USER 1000:1000
VOLUME /data
EXPOSE 8400
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["node", "deploy/healthcheck.js"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/src/main.js"]
