"""Small repositories in the shape of what people run, written for these tests, and what is red in each for a reason."""

# ruff: noqa: E501 - files as they are, a line each

from __future__ import annotations

COMMIT = (
    "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps: [{uses: actions/checkout@v4}, {run: make test}]\n"
)

TREES: dict[str, dict[str, str]] = {
    "remix": {
        "package.json": '{"dependencies": {"@remix-run/node": "2", "@sentry/remix": "8"}, "devDependencies": {"cypress": "13"}}',
        "fly.toml": 'app = "quiet-pine"\n[http_service]\n  [[http_service.checks]]\n    path = "/healthcheck"\n',
        "prisma/schema.prisma": 'datasource db {\n  provider = "sqlite"\n  url = env("DATABASE_URL")\n}\n',
        "prisma/migrations/1_init/migration.sql": "",
        ".env.example": 'DATABASE_URL="file:./data.db"\nSESSION_SECRET="s"\n',
        "cypress/e2e/smoke.cy.ts": "it('works')",
        ".github/workflows/deploy.yml": COMMIT,
    },
    "next": {
        "package.json": '{"dependencies": {"next": "15", "stripe": "17", "pg": "8"}, "devDependencies": {"@playwright/test": "1.50"}}',
        "vercel.json": '{"alias": ["www.tisane.shop"]}',
        "app/api/health/route.ts": "export const GET = () => Response.json({})",
        "prisma.config.ts": 'export default defineConfig({ datasource: { url: env("TISANE_DB_URL") } })',
        "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
        ".env": "NEXT_PUBLIC_SITE_URL=http://localhost:3000\n",
        ".env.local.example": "STRIPE_SECRET_KEY=\n",
        ".env.test": "TISANE_DB_URL=postgresql://ci:ci@ci-db:5432/ci\n",
    },
    "fastapi": {
        "pyproject.toml": '[project]\ndependencies = ["fastapi>=0.110", "asyncpg", "sentry-sdk[fastapi]"]\n',
        "alembic.ini": "[alembic]\nscript_location = alembic\n",
        "alembic/env.py": "",
        "app/main.py": '@app.get("/healthz")\ndef health(): ...\n# @app.get("/health")\n',
        "compose.yml": (
            "services:\n  web:\n    build: .\n    environment: [DATABASE_URL]\n    labels:\n"
            "      - traefik.http.routers.web.rule=Host(`api.colis.africa`) && PathPrefix(`/`)\n"
            "  db: {image: 'postgres:16'}\n  files: {image: minio/minio}\n  cache: {image: 'redis:7'}\n"
        ),
        ".env.example": "DATABASE_URL=postgresql+asyncpg://u:p@db/app\nAPI_URL=https://api.your-domain.com\n",
    },
    "rails": {
        "Gemfile": 'gem "rails", "~> 8.0"\ngem "pg"\ngem "sidekiq"\n# gem "stripe"\n',
        "config/database.yml": "default: &default\n  adapter: postgresql\nproduction:\n  <<: *default\n",
        "config/routes.rb": 'Rails.application.routes.draw do\n  get "up" => "rails/health#show", as: :rails_health_check\nend\n',
        "db/migrate/20260101000000_create_orders.rb": "",
        "Caddyfile": "{\n  email ops@verger.eu\n}\nverger.eu, www.verger.eu {\n  reverse_proxy web:3000\n}\n",
        "docs/on-call.md": "# On call\n",
        "config/master.key": "0" * 32,
    },
    "go": {
        "go.mod": "module example.org/relay\n\ngo 1.23\n\nrequire (\n\tgithub.com/go-chi/chi/v5 v5.1.0\n\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n",
        "cmd/relay/main.go": 'r.Get("/readyz", ready)\nmux.HandleFunc("GET /livez", live)\n',
        "migrations/000001_init.up.sql": "create table relay ();",
        "deploy/ingress.yaml": (
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: relay}\n"
            "spec:\n  rules: [{host: api.relais.dev}, {host: relay.test}]\n"
        ),
        "prometheus.yml": "scrape_configs: []\n",
        "CHANGELOG.md": "## 1.0.0\n",
    },
    "laravel": {
        "composer.json": '{"require": {"laravel/framework": "^11", "laravel/cashier": "^15"}}',
        "artisan": "#!/usr/bin/env php\n",
        "bootstrap/app.php": "->withRouting(health: '/up')",
        "database/migrations/2026_01_01_000000_create_users_table.php": "<?php",
        ".env.example": "APP_ENV=local\nAPP_KEY=\nDB_CONNECTION=mysql\nAWS_BUCKET=\nAPP_URL=http://localhost\n",
        ".env": "APP_ENV=local\nAPP_DEBUG=true\nDB_CONNECTION=mysql\nAWS_BUCKET=dev-files\n",
        ".env.ci": "APP_KEY=base64:AAAA\n",
    },
    "django": {
        "requirements/base.txt": "Django>=5.1\npsycopg[binary]\ndjango-storages[s3]\n",
        "manage.py": "",
        "shop/migrations/0001_initial.py": "",
        "config/settings.py": "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\n",
        "config/urls.py": "path('admin/', admin.site.urls), path('health/', views.health)\n",
        "render.yaml": "services:\n  - type: web\n    healthCheckPath: /health/\n    domains: [marche.sn]\n",
        ".env.staging": "SECRET_KEY=4Zr8sDfKq0WmXvPz7LtYb3NcHgJe6RaUoTi\nALLOWED_HOSTS=stage.marche.sn\nAWS_STORAGE_BUCKET_NAME=marche-media\nAWS_S3_REGION_NAME=eu-west-3\n",
        ".env.production": "ALLOWED_HOSTS=marche.example\nSECRET_KEY=change-me\n",
        ".env.staging.example": "SECRET_KEY=\nALLOWED_HOSTS=\nAWS_STORAGE_BUCKET_NAME=\nAWS_S3_REGION_NAME=\n",
    },
    "spring": {
        "pom.xml": (
            "<project><artifactId>billing</artifactId><dependency><artifactId>spring-boot-starter-web</artifactId></dependency>"
            "<dependency><artifactId>spring-boot-starter-actuator</artifactId></dependency></project>"
        ),
        "src/main/resources/application.properties": "spring.datasource.url=jdbc:postgresql://${DB_HOST}/billing\n",
        "src/main/resources/db/migration/V1__init.sql": "",
        "docs/RUNBOOK.md": "# Incidents\n",
        "src/test/jmeter/plan.jmx": "",
    },
    "strapi": {
        "package.json": '{"dependencies": {"@strapi/strapi": "5", "pg": "8"}}',
        ".gitignore": ".env\n",
        ".env": "HOST=0.0.0.0\nPORT=1337\nNODE_ENV=production\nDATABASE_CLIENT=postgres\nPUBLIC_URL=https://cms.tisanerie.shop\n",
        ".env.example": "HOST=0.0.0.0\nPORT=1337\nNODE_ENV=\nDATABASE_CLIENT=\nPUBLIC_URL=\n",
    },
    "kamal": {
        "Gemfile": 'gem "rails"\ngem "kamal"\n',
        "config/deploy.yml": "service: crew\nimage: crew\nproxy: { ssl: true, host: crew.tisanerie.shop, healthcheck: { path: /up } }\n",
        "config/routes.rb": 'Rails.application.routes.draw { get "up" => "rails/health#show" }\n',
    },
    "workers": {
        "package.json": '{"dependencies": {"hono": "4"}, "devDependencies": {"wrangler": "4"}}',
        "wrangler.jsonc": '{ "name": "edge", "routes": [{ "pattern": "api.tisanerie.shop", "custom_domain": true }] }',
        "migrations/0001_init.sql": "",
        "astro.config.mjs": "export default { site: 'https://www.tisanerie.shop' }",
    },
}
"""By stack: its files."""
