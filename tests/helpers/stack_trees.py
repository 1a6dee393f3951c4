"""Repositories in the shape of fifteen stacks, each with what such projects have, and every red finding that is true."""

# ruff: noqa: E501 - files as they are, a line each

from __future__ import annotations

from dataclasses import dataclass, field

NODE_CI = """on:
  push: {branches: [main]}
  pull_request:
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: {node-version: 24, cache: npm}
      - run: npm ci
      - run: npm test
      - run: npm run build
"""


def ci(*steps: str) -> str:
    """Return a workflow that runs some commands after a checkout."""
    run = "".join(f"      - run: {step}\n" for step in steps)
    return f"on: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v5\n{run}"


@dataclass(frozen=True)
class StackTree:
    """Files by their paths, the environment that is drafted, and by check why it is red there."""

    files: dict[str, str]
    environment: str = "production"
    red: dict[str, str] = field(default_factory=dict)


TREES: dict[str, StackTree] = {
    "remix": StackTree(
        {
            "package.json": '{"scripts": {"build": "remix vite:build", "test": "vitest run", "start": "remix-serve ./build/server/index.js"}, "dependencies": {"@remix-run/node": "2.16.0", "@remix-run/react": "2.16.0", "@prisma/client": "6.5.0"}, "devDependencies": {"@playwright/test": "1.51.0", "prisma": "6.5.0", "vite": "6.2.0"}}',
            ".gitignore": "node_modules\n.env\n.env.production\n",
            ".env.example": "DATABASE_URL=postgresql://remix:remix@localhost:5432/notes\nSESSION_SECRET=\nNODE_ENV=development\n",
            ".env.production": "DATABASE_URL=postgresql://notes:hV4nQ8zKtR2wYbL6@db.notes-prod.net:5432/notes?sslmode=require\nSESSION_SECRET=Xk7uTq9Rb2LmVz4HdYc8NwPg6JsEa3Fo\nNODE_ENV=production\n",
            "prisma/schema.prisma": 'generator client {\n  provider = "prisma-client-js"\n}\ndatasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\nmodel Note {\n  id String @id\n}\n',
            "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
            "prisma/migrations/20260110090000_init/migration.sql": 'CREATE TABLE "Note" ("id" TEXT NOT NULL, CONSTRAINT "Note_pkey" PRIMARY KEY ("id"));\n',
            "app/routes/healthcheck.tsx": "export async function loader() { return new Response('OK') }\n",
            "playwright.config.ts": "import { defineConfig } from '@playwright/test'\nexport default defineConfig({ testDir: './e2e' })\n",
            "e2e/notes.spec.ts": "import { test, expect } from '@playwright/test'\ntest('writes a note', async ({ page }) => { await page.goto('/'); await expect(page).toHaveTitle(/Notes/) })\n",
            ".github/workflows/ci.yml": NODE_CI
            + "      - run: npx playwright install --with-deps chromium\n      - run: npx playwright test\n",
            "fly.toml": 'app = "notes-prod"\n[http_service]\n  internal_port = 3000\n  [[http_service.checks]]\n    path = "/healthcheck"\n',
            "Dockerfile": 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD ["npm", "start"]\n',
            "README.md": "# Notes\n\nA notes app.\n",
        },
        red={
            "ci.browsers-ready": "warn: no cache keeps the browsers",
        },
    ),
    "next": StackTree(
        {
            "package.json": '{"packageManager": "pnpm@10.6.0", "scripts": {"build": "next build", "e2e": "playwright test"}, "dependencies": {"next": "15.2.0", "next-auth": "5.0.0", "@sentry/nextjs": "9.5.0", "stripe": "17.7.0"}, "devDependencies": {"@playwright/test": "1.51.0"}}',
            ".gitignore": "node_modules\n.env*\n!.env.example\n",
            ".env.example": "NEXTAUTH_URL=http://localhost:3000\nNEXTAUTH_SECRET=\nNEXT_PUBLIC_APP_URL=http://localhost:3000\nSENTRY_DSN=\nSTRIPE_SECRET_KEY=sk_test_...\n",
            ".env.production": "NEXTAUTH_URL=https://www.ateliers-mango.com\nNEXTAUTH_SECRET=changeme\nNEXT_PUBLIC_APP_URL=http://localhost:3000\nSENTRY_DSN=https://4f5a6b7c8d9e4f5a6b7c8d9e4f5a6b7c@o4505.ingest.sentry.io/4505\nSTRIPE_SECRET_KEY=\n",
            "app/api/health/route.ts": "export function GET() { return Response.json({ ok: true }) }\n",
            "vercel.json": '{"alias": ["www.ateliers-mango.com"]}',
            "e2e/shop.spec.ts": "import { test, expect } from '@playwright/test'\ntest('shows prices', async ({ page }) => { await page.goto('/shop'); await expect(page.getByText('EUR')).toBeVisible() })\n",
            ".github/workflows/ci.yml": "on: push\njobs:\n  e2e:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v5\n      - uses: pnpm/action-setup@v4\n      - uses: actions/setup-node@v5\n        with: {node-version: 22}\n      - run: pnpm install --frozen-lockfile\n      - run: pnpm exec playwright install --with-deps\n      - run: pnpm e2e\n",
            "CHANGELOG.md": "# Changelog\n\n## 1.2.0 - 2026-11-02\n\n- Prices in euros\n",
        },
        red={
            "env.no-placeholders": "NEXTAUTH_SECRET=changeme",
            "env.session-secrets-strong": "the same",
            "env.addresses-not-local": "NEXT_PUBLIC_APP_URL leads to localhost",
            "ci.browsers-ready": "warn: no cache keeps the browsers",
        },
    ),
    "fastapi": StackTree(
        {
            "pyproject.toml": '[project]\nname = "colis"\ndependencies = ["fastapi[standard]>=0.115", "sqlalchemy>=2", "asyncpg", "alembic", "pydantic-settings", "redis>=5"]\n[dependency-groups]\ndev = ["pytest"]\n',
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": "from alembic import context\n",
            "migrations/versions/0a1b2c3d4e5f_init.py": "revision = '0a1b2c3d4e5f'\ndown_revision = None\ndef upgrade():\n    op.create_table('parcel', sa.Column('id', sa.Integer, primary_key=True))\ndef downgrade():\n    op.drop_table('parcel')\n",
            "app/main.py": 'app = FastAPI()\n\n\n@app.get("/health")\nasync def health():\n    return {"status": "ok"}\n',
            ".env.example": "ENVIRONMENT=local\nSECRET_KEY=changethis\nFIRST_SUPERUSER_PASSWORD=changethis\nBACKEND_CORS_ORIGINS=http://localhost:5173\nDATABASE_URL=postgresql+asyncpg://postgres:changethis@localhost/app\n",
            ".env": "ENVIRONMENT=production\nSECRET_KEY=changethis\nFIRST_SUPERUSER_PASSWORD=Trq8-kLm2-WzYb-91hV\nBACKEND_CORS_ORIGINS=https://app.colis-sahel.com\nDATABASE_URL=postgresql+asyncpg://colis:r8VtQ2wKzL5nXb7M@db:5432/colis\n",
            "docker-compose.yml": "services:\n  api:\n    build: .\n    env_file: .env\n    healthcheck:\n      test: [CMD, curl, -f, http://localhost:8000/health]\n    labels:\n      - traefik.http.routers.api.rule=Host(`api.colis-sahel.com`)\n  db:\n    image: postgres:17\n  redis:\n    image: redis:7\n",
            ".github/workflows/test.yml": ci("pip install -e .", "pytest"),
            "docs/deployment.md": "# Deployment\n\nPush to main.\n",
        },
        red={
            "env.no-placeholders": "SECRET_KEY=changethis",
            "env.session-secrets-strong": "the same",
            "env.secrets-unpublished": "it is the example's, too",
            "env.files-guarded": "git tracks the env file",
            "secrets.not-in-git": "it is in the history",
        },
    ),
    "rails": StackTree(
        {
            "Gemfile": 'source "https://rubygems.org"\ngem "rails", "~> 8.0.1"\ngem "pg"\ngem "puma"\ngem "solid_queue"\ngem "sentry-ruby"\n',
            ".ruby-version": "3.4.2\n",
            "config/database.yml": "default: &default\n  adapter: postgresql\nproduction:\n  primary: &primary\n    <<: *default\n    url: <%= ENV['DATABASE_URL'] %>\n",
            "config/routes.rb": 'Rails.application.routes.draw do\n  get "up" => "rails/health#show", as: :rails_health_check\n  root "home#index"\nend\n',
            "config/deploy.yml": "service: verger\nimage: verger/app\nservers: {web: [203.0.113.7]}\nproxy: {ssl: true, host: www.verger-bio.fr}\nenv: {secret: [RAILS_MASTER_KEY]}\n",
            "db/migrate/20260104100000_create_orders.rb": "class CreateOrders < ActiveRecord::Migration[8.0]\n  def change\n    create_table :orders\n  end\nend\n",
            "db/schema.rb": "ActiveRecord::Schema[8.0].define(version: 2026_01_04_100000) do\nend\n",
            ".env.production": "RAILS_ENV=production\nRAILS_MASTER_KEY=8d1f0b6c2a9e47538d1c0b7f2a6e9453\nDATABASE_URL=postgres://verger:mQ7wXt4zLk9RbV2n@pg.verger-bio.fr/verger_production\nSECRET_KEY_BASE=replacemewithrake_secret_output\nWEB_CONCURRENCY=2\n",
            ".github/workflows/ci.yml": ci("bin/brakeman --no-pager", "bin/rails db:test:prepare test test:system"),
            "docs/runbooks/incident.md": "# Incidents\n\n1. Look at Sentry.\n2. Roll back with `kamal rollback`.\n",
            ".gitignore": ".env*\n/config/master.key\n",
        },
        red={
            "env.no-placeholders": "SECRET_KEY_BASE asks to be replaced",
            "env.session-secrets-strong": "the same",
            "runbook.incident": "it names nobody, no criteria and no way to reach people",
        },
    ),
    "go": StackTree(
        {
            "go.mod": "module example.org/relais\n\ngo 1.24\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n\tgithub.com/jackc/pgx/v5 v5.7.2\n\tgithub.com/prometheus/client_golang v1.21.0\n)\n",
            "cmd/server/main.go": 'package main\n\nfunc main() {\n\tr := gin.New()\n\tr.GET("/healthz", live)\n\tr.GET("/readyz", ready)\n}\n',
            "db/migrations/000001_init.up.sql": "CREATE TABLE relay (id bigint PRIMARY KEY);\n",
            "db/migrations/000001_init.down.sql": "DROP TABLE relay;\n",
            "deploy/k8s/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: relais}\nspec:\n  template:\n    spec:\n      containers:\n        - name: relais\n          image: relais:1.4.0\n          livenessProbe: {httpGet: {path: /healthz, port: 8080}}\n          readinessProbe: {httpGet: {path: /readyz, port: 8080}}\n",
            "deploy/k8s/ingress.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: relais}\nspec:\n  rules:\n    - host: api.relais-courses.io\n",
            ".env.production": "GIN_MODE=debug\nPORT=8080\nDATABASE_URL=postgres://relais:L9vQz2WnKx7TbR4m@db.internal:5432/relais?sslmode=verify-full\nJWT_SECRET=0b2f7a9c4d1e8f6035b7c9d2e4f6a8b00b2f7a9c4d1e8f6035b7c9d2e4f6a8b1\n",
            ".env.example": "GIN_MODE=release\nPORT=8080\nDATABASE_URL=\nJWT_SECRET=\n",
            ".github/workflows/go.yml": ci("go vet ./...", "go test -race ./..."),
            "Makefile": "test:\n\tgo test ./...\n",
            ".gitignore": ".env.production\n",
        },
        red={
            "env.runs-as-production": "GIN_MODE=debug",
        },
    ),
    "laravel": StackTree(
        {
            "composer.json": '{"require": {"php": "^8.3", "laravel/framework": "^12.0", "league/flysystem-aws-s3-v3": "^3.0"}, "require-dev": {"pestphp/pest": "^3.7"}}',
            "artisan": "#!/usr/bin/env php\n<?php\n",
            "bootstrap/app.php": "<?php\nreturn Application::configure()->withRouting(web: 'routes/web.php', health: '/up')->create();\n",
            "database/migrations/2026_01_05_000000_create_posts_table.php": "<?php\nreturn new class extends Migration { public function up(): void {} };\n",
            "vite.config.js": "export default { plugins: [laravel()] }\n",
            "package.json": '{"private": true, "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6.2.0", "laravel-vite-plugin": "1.2.0"}}',
            ".env.example": "APP_NAME=Laravel\nAPP_ENV=local\nAPP_KEY=\nAPP_DEBUG=true\nAPP_URL=http://localhost\nDB_CONNECTION=pgsql\nDB_HOST=127.0.0.1\nDB_PASSWORD=\nMAIL_FROM_ADDRESS=hello@example.com\nAWS_BUCKET=\nREDIS_PASSWORD=null\n",
            ".env.production": "APP_NAME=Marche\nAPP_ENV=production\nAPP_KEY=\nAPP_DEBUG=true\nAPP_URL=https://www.marche-dantokpa.bj\nDB_CONNECTION=pgsql\nDB_HOST=10.2.0.5\nDB_PASSWORD=Zq3xN8vKtL5wRb7m\nMAIL_FROM_ADDRESS=bonjour@marche-dantokpa.bj\nAWS_BUCKET=marche-photos\nAWS_DEFAULT_REGION=eu-west-3\nREDIS_PASSWORD=null\n",
            ".github/workflows/tests.yml": ci(
                "composer install --no-interaction", "npm ci", "npm run build", "php artisan test"
            ),
            ".gitignore": "/vendor\n/node_modules\n.env\n.env.production\n",
        },
        red={
            "env.session-secrets-strong": "APP_KEY is empty",
            "env.variables-present": "the same, which the preset demands",
            "env.runs-as-production": "APP_DEBUG=true",
            "env.example-in-step": "AWS_DEFAULT_REGION is not in the example",
        },
    ),
    "django": StackTree(
        {
            "pyproject.toml": '[project]\ndependencies = ["django>=5.2", "django-environ", "psycopg[binary]", "gunicorn", "whitenoise"]\n',
            "manage.py": "#!/usr/bin/env python\n",
            "config/settings/production.py": "from .base import *\nDEBUG = env.bool('DJANGO_DEBUG', False)\n",
            "config/urls.py": "urlpatterns = [path('admin/', admin.site.urls), path('healthz/', health)]\n",
            "shop/migrations/__init__.py": "",
            "shop/migrations/0001_initial.py": "from django.db import migrations\nclass Migration(migrations.Migration):\n    initial = True\n    dependencies = []\n    operations = []\n",
            ".envs/.production/.django": "DJANGO_SETTINGS_MODULE=config.settings.production\n",
            ".env.production": "DJANGO_SETTINGS_MODULE=config.settings.production\nDJANGO_SECRET_KEY=django-insecure-h&2k^9x#w!m4p7q_v0z@t8r$b6n1c3y5a-e%f*j+g(d)s=l~u\nDJANGO_ALLOWED_HOSTS=*\nDATABASE_URL=postgres://app:app@db:5432/boutique\nDJANGO_DEBUG=False\n",
            ".env.example": "DJANGO_SETTINGS_MODULE=config.settings.local\nDJANGO_SECRET_KEY=\nDJANGO_ALLOWED_HOSTS=\nDATABASE_URL=\nDJANGO_DEBUG=True\n",
            "Caddyfile": "boutique-teranga.sn {\n\treverse_proxy web:8000\n}\n",
            ".github/workflows/ci.yml": ci(
                "pip install -e .", "python manage.py test", "python manage.py check --deploy"
            ),
            "docs/rollback.md": "# Rolling back\n\nDeploy the tag before.\n",
        },
        red={
            "env.no-placeholders": "a key of startproject's, and app:app@",
            "env.session-secrets-strong": "the key of startproject's",
            "env.lists-closed": "DJANGO_ALLOWED_HOSTS=*",
            "env.syntax-clean": "readers part at the # within the key",
            "runbook.rollback": "one line, without when, who and how",
            "env.files-guarded": "git tracks the env file",
            "secrets.not-in-git": "it is in the history",
        },
    ),
    "spring": StackTree(
        {
            "build.gradle.kts": 'plugins {\n  id("org.springframework.boot") version "3.4.3"\n}\ndependencies {\n  implementation("org.springframework.boot:spring-boot-starter-web")\n  implementation("org.springframework.boot:spring-boot-starter-actuator")\n  implementation("org.flywaydb:flyway-database-postgresql")\n  runtimeOnly("org.postgresql:postgresql")\n}\n',
            "src/main/resources/application.yml": "spring:\n  datasource:\n    url: ${SPRING_DATASOURCE_URL}\nmanagement.endpoint.health.probes.enabled: true\n",
            "src/main/resources/db/migration/V1__init.sql": "CREATE TABLE invoice (id bigint PRIMARY KEY);\n",
            "deploy/prod.env": "SPRING_PROFILES_ACTIVE=prod\nSPRING_DATASOURCE_URL=jdbc:postgresql://localhost:5432/billing\nSPRING_DATASOURCE_USERNAME=billing\nSPRING_DATASOURCE_PASSWORD=password\nSERVER_PORT=8080\n",
            "compose.yaml": "services:\n  db:\n    image: postgres:17\n    environment: [POSTGRES_PASSWORD=dev]\n",
            ".github/workflows/gradle.yml": ci("./gradlew build"),
        },
        red={
            "env.no-placeholders": "SPRING_DATASOURCE_PASSWORD=password",
            "env.addresses-not-local": "the database is on localhost",
            "env.files-guarded": "git tracks the env file",
        },
    ),
    "nuxt": StackTree(
        {
            "package.json": '{"scripts": {"build": "nuxt build", "test:e2e": "cypress run"}, "dependencies": {"nuxt": "3.16.0", "nuxt-auth-utils": "0.5.0"}, "devDependencies": {"cypress": "14.2.0"}}',
            "nuxt.config.ts": "export default defineNuxtConfig({ modules: ['nuxt-auth-utils'], runtimeConfig: { public: { apiBase: '' } } })\n",
            "server/api/health.get.ts": "export default defineEventHandler(() => ({ ok: true }))\n",
            ".env.example": "NUXT_SESSION_PASSWORD=password-with-at-least-32-characters\nNUXT_PUBLIC_API_BASE=http://localhost:4000\n",
            ".env.production": "NUXT_SESSION_PASSWORD=password-with-at-least-32-characters\nNUXT_PUBLIC_API_BASE=https://api.bibliotheque-niamey.ne\nNUXT_PUBLIC_SITE_URL=https://www.bibliotheque-niamey.ne\n",
            "cypress.config.ts": "export default { e2e: { baseUrl: 'http://localhost:3000' } }\n",
            "cypress/e2e/loans.cy.ts": "describe('loans', () => { it('lends a book', () => { cy.visit('/'); cy.contains('Prêter').click() }) })\n",
            ".github/workflows/ci.yml": NODE_CI
            + "      - uses: cypress-io/github-action@v6\n        with: {start: node .output/server/index.mjs}\n",
            ".gitlab-ci.yml": "",
        },
        red={
            "env.no-placeholders": "the example of the documentation",
            "env.session-secrets-strong": "the same",
            "env.secrets-unpublished": "the example file has the same",
            "env.example-in-step": "NUXT_PUBLIC_SITE_URL is not in the example",
            "env.files-guarded": "git tracks the env file",
        },
    ),
    "sveltekit": StackTree(
        {
            "package.json": '{"type": "module", "scripts": {"build": "vite build", "test:e2e": "playwright test"}, "devDependencies": {"@sveltejs/kit": "2.17.0", "@sveltejs/adapter-node": "5.2.0", "vite": "6.2.0", "drizzle-kit": "0.30.0", "@playwright/test": "1.51.0"}, "dependencies": {"drizzle-orm": "0.40.0", "postgres": "3.4.5"}}',
            "drizzle.config.ts": "export default { schema: './src/lib/server/db/schema.ts', dialect: 'postgresql', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } }\n",
            "drizzle/meta/_journal.json": '{"version": "7", "dialect": "postgresql", "entries": [{"idx": 0, "version": "7", "when": 1767260000000, "tag": "0000_init", "breakpoints": true}]}',
            "drizzle/0000_init.sql": 'CREATE TABLE "song" ("id" serial PRIMARY KEY);\n',
            "src/routes/healthz/+server.ts": "export const GET = () => new Response('ok')\n",
            ".env.example": 'DATABASE_URL="postgres://root:mysecretpassword@localhost:5432/local"\nORIGIN=http://localhost:5173\nPUBLIC_SITE_NAME=\n',
            ".env.production": 'DATABASE_URL="postgres://songs:Vb8nQz4KtX7wLm2R@pg.kora.fm:5432/songs"\nORIGIN=https://kora.fm\nPUBLIC_SITE_NAME=Kora\n',
            ".gitignore": "node_modules\n.env.*\n!.env.example\n",
            "e2e/play.test.ts": "import { expect, test } from '@playwright/test'\ntest('plays', async ({ page }) => { await page.goto('/'); await expect(page.locator('h1')).toBeVisible() })\n",
            ".github/workflows/e2e.yml": NODE_CI
            + "      - run: npx playwright install --with-deps\n      - run: npm run test:e2e\n",
        },
        red={
            "ci.browsers-ready": "warn: no cache keeps the browsers",
        },
    ),
    "phoenix": StackTree(
        {
            "mix.exs": 'defp deps do\n  [{:phoenix, "~> 1.7.20"}, {:ecto_sql, "~> 3.12"}, {:postgrex, ">= 0.0.0"}, {:sentry, "~> 10.8"}]\nend\n',
            "config/runtime.exs": 'import Config\nif config_env() == :prod do\n  database_url = System.get_env("DATABASE_URL") || raise "DATABASE_URL is missing"\n  host = System.get_env("PHX_HOST") || "example.com"\nend\n',
            "priv/repo/migrations/20260102000000_create_users.exs": "defmodule App.Repo.Migrations.CreateUsers do\n  use Ecto.Migration\n  def change, do: create table(:users)\nend\n",
            "lib/app_web/router.ex": 'scope "/", AppWeb do\n  get "/health", HealthController, :index\nend\n',
            ".env.prod": "MIX_ENV=prod\nPHX_HOST=localhost\nPHX_SERVER=true\nSECRET_KEY_BASE=C9rXz2VqLw7NbT5mKy8HdPf4JsGa6EoU1iQeRtYuIoPaSdFgHjKlZxCvBnM3qWsX\nDATABASE_URL=ecto://postgres:postgres@db/app_prod\nPOOL_SIZE=10\n",
            ".github/workflows/elixir.yml": ci("mix deps.get", "mix test"),
            "Dockerfile": "FROM hexpm/elixir:1.18.2-erlang-27.2-debian-bookworm\nENV MIX_ENV=prod\n",
        },
        red={
            "env.no-placeholders": "postgres:postgres@",
            "env.addresses-not-local": "PHX_HOST is localhost, so every link leads there",
            "env.files-guarded": "git tracks the env file",
            "secrets.not-in-git": "it is in the history",
        },
    ),
    "dotnet": StackTree(
        {
            "Shop.sln": "Microsoft Visual Studio Solution File, Format Version 12.00\n",
            "src/Shop.Api/Shop.Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="9.0.4" /></ItemGroup></Project>\n',
            "src/Shop.Api/Program.cs": 'var app = builder.Build();\napp.MapHealthChecks("/health");\napp.Run();\n',
            "src/Shop.Api/appsettings.json": '{"Logging": {"LogLevel": {"Default": "Information"}}, "AllowedHosts": "*"}\n',
            "src/Shop.Api/Migrations/20260103000000_Init.cs": "public partial class Init : Migration {}\n",
            "deploy/production.env": "ASPNETCORE_ENVIRONMENT=Development\nASPNETCORE_URLS=http://+:8080\nConnectionStrings__Default=Host=localhost;Database=shop;Username=postgres;Password=postgres\nJwt__Key=ThisIsMySuperSecretKeyForShop\n",
            ".github/workflows/dotnet.yml": ci("dotnet restore", "dotnet test --no-restore"),
        },
        red={
            "env.runs-as-production": "ASPNETCORE_ENVIRONMENT=Development",
            "env.addresses-not-local": "the database is on localhost",
            "env.no-placeholders": "postgres in the connection string, and a JWT key of words",
            "env.session-secrets-strong": "the JWT key",
            "env.files-guarded": "git tracks the env file",
        },
    ),
    "flask": StackTree(
        {
            "requirements.txt": "Flask==3.1.0\nFlask-SQLAlchemy==3.1.1\nFlask-Migrate==4.1.0\npsycopg2-binary==2.9.10\ngunicorn==23.0.0\n",
            "app.py": "from flask import Flask\napp = Flask(__name__)\n\n\n@app.route('/health')\ndef health():\n    return 'ok'\n",
            "migrations/alembic.ini": "[alembic]\n",
            "migrations/env.py": "from alembic import context\n",
            "migrations/versions/1a2b3c4d5e6f_users.py": "revision = '1a2b3c4d5e6f'\ndown_revision = None\n",
            "Procfile": "web: gunicorn app:app\n",
            ".flaskenv": "FLASK_APP=app.py\nFLASK_DEBUG=1\n",
            ".env": "FLASK_APP=app.py\nFLASK_DEBUG=0\nSECRET_KEY=you-will-never-guess\nDATABASE_URL=postgresql://blog:Xw7mKq9LtZ2vRb4n@db.griot.blog/blog\nSERVER_NAME=griot.blog\n",
            ".env.example": "FLASK_APP=app.py\nFLASK_DEBUG=1\nSECRET_KEY=\nDATABASE_URL=sqlite:///app.db\nSERVER_NAME=\n",
            ".github/workflows/python.yml": ci("pip install -r requirements.txt", "pytest"),
        },
        red={
            "env.session-secrets-strong": "a secret of words",
            "env.files-guarded": "git tracks the env file",
            "secrets.not-in-git": "it is in the history",
        },
    ),
    "nestjs": StackTree(
        {
            "package.json": '{"workspaces": ["apps/*"], "devDependencies": {"turbo": "2.4.0"}}',
            "apps/api/package.json": '{"scripts": {"build": "nest build", "test": "jest"}, "dependencies": {"@nestjs/core": "11.0.0", "@nestjs/platform-express": "11.0.0", "typeorm": "0.3.21", "pg": "8.13.0", "ioredis": "5.5.0"}}',
            "apps/web/package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6.2.0"}, "dependencies": {"react": "19.0.0"}}',
            "apps/api/src/health.controller.ts": "@Controller('health')\nexport class HealthController { @Get() check() { return 'ok' } }\n",
            "apps/api/src/migrations/1767260000000-Init.ts": "export class Init1767260000000 implements MigrationInterface { async up(q) { await q.query('CREATE TABLE a (id int)') } async down(q) { await q.query('DROP TABLE a') } }\n",
            "apps/api/.env.example": "NODE_ENV=development\nPORT=3000\nDATABASE_URL=\nJWT_SECRET=\nCORS_ORIGIN=*\nREDIS_URL=redis://localhost:6379\n",
            "apps/api/.env.production": "PORT=3000\nDATABASE_URL=postgres://cours:p8RvXq2LzK7wTb4m@pg.cours-du-soir.ci:5432/cours\nJWT_SECRET=secret\nCORS_ORIGIN=*\nREDIS_URL=redis://10.1.0.9:6379\nADMIN_PASSWORD=admin\n",
            "apps/web/.env.example": "VITE_API_URL=http://localhost:3000\n",
            "apps/web/.env.production": "VITE_API_URL=https://api.cours-du-soir.ci\n",
            ".gitignore": "node_modules\napps/api/.env.production\n",
            "turbo.json": '{"tasks": {"build": {"dependsOn": ["^build"]}, "test": {}}}',
            ".github/workflows/ci.yml": NODE_CI.replace("npm test", "npx turbo run test").replace(
                "npm run build", "npx turbo run build"
            ),
            "nginx/default.conf": "server {\n  listen 443 ssl;\n  server_name api.cours-du-soir.ci;\n  location / { proxy_pass http://127.0.0.1:3000; }\n}\n",
        },
        red={
            "env.no-placeholders": "JWT_SECRET=secret, ADMIN_PASSWORD=admin",
            "env.session-secrets-strong": "JWT_SECRET=secret",
            "env.lists-closed": "CORS_ORIGIN=*",
            "env.example-in-step": "ADMIN_PASSWORD is not in the example",
        },
    ),
    "vite": StackTree(
        {
            "package.json": '{"type": "module", "scripts": {"build": "tsc -b && vite build"}, "dependencies": {"react": "19.0.0"}, "devDependencies": {"vite": "6.2.0", "typescript": "5.8.0"}}',
            "vite.config.ts": "export default { build: { sourcemap: false } }\n",
            "index.html": "<!doctype html><div id=root></div><script type=module src=/src/main.tsx></script>\n",
            "src/main.tsx": "console.log(import.meta.env.VITE_API_URL)\n",
            ".env": "VITE_API_URL=http://localhost:8080\n",
            ".env.production": "VITE_API_URL=https://api.pirogue.app\nVITE_STRIPE_KEY=pk_live_51Hq8xLkT2vZmRwYbN7cXs\nVITE_MAPS_SECRET=sk_live_51Hq8xLkT2vZmRwYbN7cXs\n",
            "netlify.toml": '[build]\n  publish = "dist"\n  command = "npm run build"\n',
            "public/_redirects": "/* /index.html 200\n",
            ".github/workflows/ci.yml": NODE_CI,
        },
        red={
            "env.web-holds-no-secrets": "a secret key of Stripe's in what browsers load",
            "secrets.not-in-git": "it is in the history",
        },
    ),
}
"""By stack."""
