# One image for every part of a production ledger: worker, sink, topics, migrate, and the commands that ask questions.
FROM python:3.11.14-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project
COPY schemas schemas
COPY pipeline pipeline
COPY analytics analytics
COPY jobs jobs
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11.14-slim-bookworm
RUN useradd --create-home --uid 10001 scanledger && install --directory --owner scanledger /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    SCANLEDGER_HOME=/data \
    XDG_CACHE_HOME=/data/cache
USER scanledger
VOLUME /data
ENTRYPOINT ["scanledger"]
