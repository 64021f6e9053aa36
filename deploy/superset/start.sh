#!/bin/sh
# Superset's own database, an administrator, the ledger as a database of its; then Superset itself. Run again, it changes
# what differs and nothing else.
set -eu

quoted() { python -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$1"; }

superset db upgrade
superset fab create-admin --username admin --firstname Admin --lastname Admin --email admin@localhost \
  --password "$SUPERSET_PASSWORD" || superset fab reset-password --username admin --password "$SUPERSET_PASSWORD"
superset init
superset set-database-uri --database_name Scanledger \
  --uri "clickhousedb://analyst:$(quoted "$CLICKHOUSE_ANALYST_PASSWORD")@clickhouse:8123/scanledger"
exec gunicorn --bind 0.0.0.0:8088 --workers 2 --timeout 120 "superset.app:create_app()"
