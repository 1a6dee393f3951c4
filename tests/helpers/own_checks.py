"""A profile whose own checks ask everything that `custom:` can ask; each is named by what must come of it."""

# ruff: noqa: E501 - entries as they are, a line each

from __future__ import annotations

SECRET = "sk_live_" + "51Hq8xLkT2vZmRwYbN7cXs"

PROFILE = (
    """
environment: own
checklist: { only: [custom] }
hosts: { api: { name: api.demo.test, role: api, port: "${GOLIVE_LAB_HTTPS_PORT}" } }
dns: { resolvers: ["127.0.0.1:${GOLIVE_LAB_RESOLVER_PORT}"] }
trust: { ca_file: "${GOLIVE_LAB_DIR}/tls/ca.pem" }
databases:
  master:
    url: "postgresql://golive_audit:${GOLIVE_LAB_AUDIT_PASSWORD}@127.0.0.1:${GOLIVE_LAB_POSTGRES_PORT}/master\
?sslmode=verify-full&sslrootcert=${GOLIVE_LAB_DIR}/tls/ca.pem"
prometheus:
  url: "http://127.0.0.1:${GOLIVE_LAB_PROMETHEUS_PORT}/prometheus"
  basic: "golive:${GOLIVE_LAB_PROMETHEUS_PASSWORD}"
custom:
  http-pass: { title: t, request: { http: { host: api, path: /api/v1/products } }, expect: { status: 200, present: [content-type], absent: [x-powered-by], headers: { content-type: json }, within_s: 60s } }
  http-pass-missing: { title: t, request: { http: { host: api, path: /nobody-has-this } }, expect: { status: [404, 410] } }
  http-pass-url: { title: t, request: { http: { url: "https://api.demo.test:${GOLIVE_LAB_HTTPS_PORT}/api/v1/products" } } }
  http-fail-status: { title: t, request: { http: { host: api, path: /nobody-has-this } } }
  http-fail-header: { title: t, request: { http: { host: api, path: /api/v1/products } }, expect: { absent: [content-type] } }
  http-fail-present: { title: t, request: { http: { host: api, path: /api/v1/products } }, expect: { present: [x-nobody-sends-this] } }
  http-fail-json: { title: t, request: { http: { host: api, path: /api/v1/products } }, expect: { json: { "$.nothing": 1 } } }
  http-fail-text: { title: t, request: { http: { host: api, path: /api/v1/products } }, expect: { matches: ["elephants? and (more|less)"] } }
  http-na-post: { title: t, request: { http: { host: api, path: /api/v1/products, method: POST, body: "{}" } } }
  http-unknown-host: { title: t, request: { http: { host: nobody } } }
  http-unknown-name: { title: t, request: { http: { url: "https://nobody.demo.test/" } } }
  dns-pass: { title: t, request: { dns: { name: api.demo.test } }, expect: { min_rows: 1, matches: ["^127[.]"] } }
  dns-pass-none: { title: t, request: { dns: { name: nobody.demo.test } }, expect: { max_rows: 0 } }
  dns-fail-records: { title: t, request: { dns: { name: api.demo.test } }, expect: { records: ["192.0.2.1"] } }
  dns-fail-none: { title: t, request: { dns: { name: nobody.demo.test } } }
  dns-fail-text: { title: t, request: { dns: { name: api.demo.test } }, expect: { matches_not: ["^127[.]"] } }
  tcp-pass: { title: t, request: { tcp: { host: api.demo.test, port: "${GOLIVE_LAB_HTTPS_PORT}" } } }
  tcp-pass-closed: { title: t, request: { tcp: { host: 127.0.0.1, port: "${CLOSED}" } }, expect: { connects: false } }
  tcp-fail: { title: t, request: { tcp: { host: 127.0.0.1, port: "${CLOSED}" } } }
  tcp-fail-open: { title: t, request: { tcp: { host: api.demo.test, port: "${GOLIVE_LAB_HTTPS_PORT}" } }, expect: { connects: false } }
  tcp-unknown-name: { title: t, request: { tcp: { host: nobody.demo.test, port: 22 } } }
  sql-pass: { title: t, request: { sql: { database: master, query: "SELECT 7" } }, expect: { at_least: 7, at_most: 7 } }
  sql-pass-none: { title: t, request: { sql: { database: master, query: "SELECT 1 WHERE false" } }, expect: { max_rows: 0 } }
  sql-fail-number: { title: t, request: { sql: { database: master, query: "SELECT 3" } }, expect: { at_least: 4 } }
  sql-fail-none: { title: t, request: { sql: { database: master, query: "SELECT 1 WHERE false" } } }
  sql-fail-word: { title: t, request: { sql: { database: master, query: "SELECT 'SECRET'" } }, expect: { at_least: 1 } }
  sql-unknown-syntax: { title: t, request: { sql: { database: master, query: "SELEKT 1" } } }
  sql-unknown-write: { title: t, request: { sql: { database: master, query: "CREATE TABLE own_checks (id int)" } } }
  sql-unknown-name: { title: t, request: { sql: { database: nobody, query: "SELECT 1" } } }
  promql-pass: { title: t, request: { promql: "vector(2)" }, expect: { at_least: 2 } }
  promql-fail-number: { title: t, request: { promql: "vector(0)" }, expect: { at_least: 1 } }
  promql-fail-none: { title: t, request: { promql: "nobody_measures_this" } }
  promql-unknown-syntax: { title: t, request: { promql: "up{" } }
  file-pass: { title: t, request: { file: there.json }, expect: { json: { "$.price": [3, 4] }, matches_not: [TODO] } }
  file-pass-gone: { title: t, request: { file: gone.json }, expect: { exists: false } }
  file-fail-json: { title: t, request: { file: there.json }, expect: { json: { "$.key": "x" } } }
  file-fail-gone: { title: t, request: { file: gone.json } }
  file-fail-there: { title: t, request: { file: there.json }, expect: { exists: false } }
  file-fail-no-json: { title: t, request: { file: number.txt }, expect: { json: { "$.price": 3 } } }
  file-pass-empty: { title: t, request: { file: empty.flag } }
  file-fail-empty: { title: t, request: { file: empty.flag }, expect: { exists: false } }
  file-pass-number: { title: t, request: { file: number.txt }, expect: { at_least: 4, at_most: 5 } }
  file-unknown-folder: { title: t, request: { file: . }, expect: { matches: [x] } }
  command-pass: { title: t, request: { command: [printf, "4 teas"] }, expect: { matches: ["^[0-9] teas$"] } }
  command-pass-code: { title: t, request: { command: [sh, -c, "exit 3"] }, expect: { code: 3 } }
  command-fail-code: { title: t, request: { command: [sh, -c, "echo SECRET and ${GOLIVE_LAB_AUDIT_PASSWORD} >&2; exit 1"] } }
  command-fail-text: { title: t, request: { command: [printf, "4 teas"] }, expect: { matches_not: [teas] } }
  command-unknown-name: { title: t, request: { command: [nobody-installed-this] } }
"""
).replace("SECRET", SECRET)  # fmt: skip

FILES = {"there.json": f'{{"price": 3, "key": "{SECRET}"}}', "number.txt": " 4.5\n", "empty.flag": ""}
