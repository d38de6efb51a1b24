# Candlelight in a container: Debian's slim Python, hashed packages, and a user without rights.

FROM python:3.13-slim AS packages
COPY requirements/runtime.txt /requirements.txt
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r /requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin candlelight \
    && install -d -o candlelight -g candlelight -m 0700 /data /keys /backups
COPY --from=packages /packages /packages
WORKDIR /app
COPY rooms rooms
COPY moderation moderation
COPY server server
COPY web web
ENV PATH=/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRODUCTION=true \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    KEYS_DIR=/keys
# Reads and compiles the lexicons once, so that every start takes a second and no look waits.
RUN python -m server lexicons
USER candlelight
EXPOSE 8000
VOLUME ["/data", "/keys", "/backups"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "server"]
CMD ["serve"]
