# `geoagent serve` in a container: the page and the HTTP API over cases, without torch, as a user without rights.
#
#   docker build -t geoagent .
#   openssl rand -hex 32 > token
#   docker run --rm -p 127.0.0.1:8321:8321 -v geoagent:/data -e GEOAGENT_SERVE_TOKEN="$(cat token)" geoagent
#
# Then open http://127.0.0.1:8321/?token=... once. In the container the server listens on every address, so it does
# not start without a token. For other machines put TLS in front. Cases are kept in the volume.
# Other commands: docker run --rm -v "$PWD:/photos:ro" geoagent locate /photos/photo.jpg

FROM python:3.11-slim-bookworm AS build
# The version, where it matters: --build-arg SETUPTOOLS_SCM_PRETEND_VERSION_FOR_GEOAGENT_GRAPH=0.2.0
# The context has no tags; without the argument it is the fallback of pyproject.toml.
ARG SETUPTOOLS_SCM_PRETEND_VERSION_FOR_GEOAGENT_GRAPH
RUN python -m venv /opt/geoagent
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/geoagent/bin/python -m pip install -c constraints.txt ".[serve]"

FROM python:3.11-slim-bookworm
COPY --from=build /opt/geoagent /opt/geoagent
ENV PATH=/opt/geoagent/bin:$PATH \
    GEOAGENT_HOME=/data \
    GEOAGENT_CACHE_DIR=/var/cache/geoagent
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin geoagent \
    && install -d -o geoagent -g geoagent -m 700 /data /var/cache/geoagent
USER 10001
WORKDIR /data
# The place tables are compiled here, not at the first request.
RUN geoagent reverse 41.55 -8.42
VOLUME /data
EXPOSE 8321
# 401 is the server asking for its token.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8321, timeout=4); c.request('GET', '/'); raise SystemExit(c.getresponse().status not in (200, 401))"]
ENTRYPOINT ["geoagent"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8321"]
