"""Lines of env files of many frameworks, in production, each with what must be red for it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

import golive_checks
from golive import Environment, Outcome
from golive_checks.env.expected import OriginsOf
from golive_checks.env.running import Local, Running, addresses_not_local, lists_closed, runs_as_production
from golive_checks.env.secrets import Signing, session_secrets_strong
from golive_checks.env.tokens import Tokens, jwt_secrets_strong
from golive_checks.env.values import no_placeholders

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive import Verdict
    from golive_checks.systems.env.files import EnvFile

PRODUCTION = Environment("production", production=True)
PRESETS = {
    file.stem: yaml.safe_load(file.read_text())["env"]
    for file in Path(golive_checks.__file__).with_name("presets").glob("*.yaml")
}
MARKS = {Outcome.FAIL: "", Outcome.WARN: "~", Outcome.UNKNOWN: "?"}

TABLE = r"""
[django]
mode            DEBUG=True
mode            DJANGO_DEBUG=on
mode            DEBUG=ok
-               DEBUG=False
-               DJANGO_DEBUG=0
mode            DJANGO_SETTINGS_MODULE=config.settings.local
-               DJANGO_SETTINGS_MODULE=config.settings.production
-               DJANGO_SETTINGS_MODULE=mysite.settings
default weak    SECRET_KEY=django-insecure-7u2x0w9e4r5t6y1q8i3o7p2a5s6d9f0g1h4j8k3l2z7x6c
-               SECRET_KEY=p4$w8m2v-k9q7z(x3c6n1b5h0j)r_t=y+u!e^d&f*g@a4s7l2
weak            DJANGO_SECRET_KEY=
default weak    SECRET_KEY=your-secret-key-here
default weak    DJANGO_SECRET_KEY=!!!SET_DJANGO_SECRET_KEY!!!
default weak    SECRET_KEY=changethis
weak            SECRET_KEY=correct-horse-battery
open            ALLOWED_HOSTS=*
open            DJANGO_ALLOWED_HOSTS=shop.sahel.io,*
open            ALLOWED_HOSTS=['*']
-               ALLOWED_HOSTS=.sahel.io
-               ALLOWED_HOSTS=shop.sahel.io,127.0.0.1
~open           ALLOWED_HOSTS=localhost,127.0.0.1
open            CORS_ALLOW_ALL_ORIGINS=True
-               CORS_ALLOW_ALL_ORIGINS=False
local           CSRF_TRUSTED_ORIGINS=http://localhost:8000
-               CSRF_TRUSTED_ORIGINS=https://*.sahel.io
default         DATABASE_URL=postgres://app:app@db:5432/app
default         DATABASE_URL=psql://postgres:postgres@db/app
-               DATABASE_URL=sqlite:///db.sqlite3
-               DATABASE_URL=postgres://shop:Zx7qLm2vT9wK@db:5432/shop
default         DJANGO_SUPERUSER_PASSWORD=admin
-               DJANGO_ADMIN_URL=back-office-7k2/
-               EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend
default         DEFAULT_FROM_EMAIL=webmaster@example.com

[flask]
mode            FLASK_DEBUG=1
mode            FLASK_DEBUG=off
-               FLASK_DEBUG=no
mode            FLASK_ENV=development
-               FLASK_APP=shop.app
default weak    SECRET_KEY=dev
weak            SECRET_KEY=you-will-never-guess
local default   SQLALCHEMY_DATABASE_URI=mysql+pymysql://root:root@localhost/blog
local           SERVER_NAME=localhost
-               SESSION_COOKIE_NAME=session

[fastapi]
default         FIRST_SUPERUSER_PASSWORD=changethis
mode            ENVIRONMENT=local
-               ENVIRONMENT=production
-               ENVIRONMENT=staging
local           BACKEND_CORS_ORIGINS=["https://app.sahel.io","http://localhost:5173"]
open            BACKEND_CORS_ORIGINS=["*"]
-               ACCESS_TOKEN_EXPIRE_MINUTES=11520
-               JWT_ALGORITHM=HS256
default         FLOWER_PASSWORD=admin
default         AMQP_URL=amqp://guest:guest@queue:5672//
mode            RELOAD=true

[rails]
mode            RAILS_ENV=development
-               RAILS_ENV=production
default weak    SECRET_KEY_BASE=replacemewithrake_secret_output
weak            SECRET_KEY_BASE=secret-value
-               SECRET_KEY_BASE=5f1c7d3e9a2b8046e7d1c5f39b0a4826d7e1f3c9a5b08264e7d1c3f59a0b4826
-               RAILS_MASTER_KEY=8d1f0b6c2a9e47538d1c0b7f2a6e9453
-               RAILS_LOG_TO_STDOUT=enabled
-               RAILS_SERVE_STATIC_FILES=true
-               WEB_CONCURRENCY=2
local           REDIS_URL=redis://localhost:6379/1
local           LOCAL_DOMAIN=localhost
-               LOCAL_DOMAIN=social.sahel.io
default         LOCAL_DOMAIN=example.com
-               SMTP_DOMAIN=localhost
default         MAILER_SENDER=no-reply@example.org

[laravel]
mode            APP_ENV=local
mode            APP_DEBUG=true
mode            APP_DEBUG=off
mode            APP_DEBUG=no
-               APP_DEBUG=false
-               APP_DEBUG=(false)
-               APP_DEBUG=null
weak            APP_KEY=
-               APP_KEY=base64:q7Zt0LhXw2Bv9KcRmEy4NsGd8PjUfAoTi1VkHeWx5Sb=
weak            APP_KEY=SomeRandomString
local           APP_URL=http://localhost
default         DB_PASSWORD=secret
-               REDIS_PASSWORD=null
~local          DB_HOST=127.0.0.1
-               DB_CONNECTION=pgsql
-               LOG_LEVEL=debug
mode            TELESCOPE_ENABLED=true
default         MAIL_FROM_ADDRESS=hello@example.com
local           SESSION_DOMAIN=localhost
-               SESSION_DOMAIN=.sahel.io
-               QUEUE_CONNECTION=redis

[express]
mode            NODE_ENV=development
mode            NODE_ENV=prod
-               NODE_ENV=production
~mode           DEBUG=express:*
default weak    SESSION_SECRET=keyboard cat
default weak    JWT_SECRET=shhhhh
default weak    JWT_SECRET=secret
-               JWT_SECRET=Xk7uTq9Rb2LmVz4HdYc8NwPg6JsEa3Fo
open            CORS_ORIGIN=*
-               CORS_ORIGIN=https://app.sahel.io
default         MONGO_URI=mongodb://root:example@mongo:27017/shop
local           MONGODB_URI=mongodb://127.0.0.1:27017/shop
-               ADMIN_EMAIL=awa@sahel.io
default         ADMIN_PASSWORD=admin
default         ADMIN_PASSWORD=P@ssw0rd
default         ADMIN_PASSWORD=123456
default         ADMIN_PASSWORD=qwerty123
-               ADMIN_PASSWORD=Trq8-kLm2-WzYb-91hV
-               PASSWORD_MIN_LENGTH=12
-               PASSWORD_RESET_EXPIRES_IN=3600
-               BCRYPT_ROUNDS=12

[nestjs]
default weak    JWT_ACCESS_SECRET=your_jwt_access_secret
weak            JWT_REFRESH_SECRET=nest-refresh
-               THROTTLE_TTL=60
default         POSTGRES_PASSWORD=postgres
default         RABBITMQ_DEFAULT_PASS=guest
-               JWT_SECRET_FILE=/run/secrets/jwt

[strapi]
default weak    APP_KEYS="toBeModified1,toBeModified2"
default         API_TOKEN_SALT=tobemodified
default weak    ADMIN_JWT_SECRET=tobemodified
-               HOST=0.0.0.0

[next]
local           NEXTAUTH_URL=http://localhost:3000
default weak    NEXTAUTH_SECRET=your-nextauth-secret
-               AUTH_SECRET=m3Wq8ZtV1xKc7LbYp5RhNf2GsJd9TuEo
local           NEXT_PUBLIC_API_URL=http://127.0.0.1:4000
-               NEXT_TELEMETRY_DISABLED=1
-               HOSTNAME=0.0.0.0

[nuxt]
default weak    NUXT_SESSION_PASSWORD=password-with-at-least-32-characters
-               NUXT_SESSION_PASSWORD=b7XkQ2vTz9LmRw4HyNc8PdGs6JfEa3Uo
local           NUXT_PUBLIC_API_BASE=http://localhost:4000
-               NITRO_PORT=3000

[sveltekit]
local           ORIGIN=http://localhost:5173
-               ORIGIN=https://kora.fm
default         DATABASE_URL="postgres://root:mysecretpassword@db:5432/songs"
-               BODY_SIZE_LIMIT=512K

[vite]
local           VITE_API_URL=http://localhost:8080
-               VITE_API_URL=/api
-               VITE_APP_TITLE=Pirogue

[phoenix]
mode            MIX_ENV=dev
-               MIX_ENV=prod
local           PHX_HOST=localhost
default         PHX_HOST=example.com
-               PHX_HOST=kora.fm
default         DATABASE_URL=ecto://postgres:postgres@db/songs
-               PHX_SERVER=true
-               POOL_SIZE=10

[spring]
mode            SPRING_PROFILES_ACTIVE=dev
-               SPRING_PROFILES_ACTIVE=prod
local           SPRING_DATASOURCE_URL=jdbc:postgresql://localhost:5432/billing
-               SPRING_DATASOURCE_URL=jdbc:postgresql://pg:5432/billing
default         SPRING_DATASOURCE_PASSWORD=password
mode            SPRING_H2_CONSOLE_ENABLED=true
-               SERVER_PORT=8080
-               SPRING_JPA_SHOW_SQL=true
weak            APP_JWT_SECRET=bezKoderSecretKey

[dotnet]
mode            ASPNETCORE_ENVIRONMENT=Development
-               ASPNETCORE_ENVIRONMENT=Production
-               ASPNETCORE_URLS=http://+:8080
-               ASPNETCORE_URLS=http://localhost:5000
local default   ConnectionStrings__Default=Server=localhost,1433;Database=shop;User Id=sa;Password=Your_password123
default         ConnectionStrings__Default=Host=pg;Database=shop;Username=postgres;Password=postgres
default         ConnectionStrings__Default=Server=sql;Database=shop;User Id=sa;Password=Pass@word1
-               ConnectionStrings__Default=Host=pg;Database=shop;Username=shop;Password=Zx7qLm2vT9wK
default weak    Jwt__Key=ThisIsMySuperSecretKeyForShop
weak            JwtSettings__SecretKey=forty-two-elephants
-               Jwt__Issuer=shop

[go]
mode            GIN_MODE=debug
-               GIN_MODE=release
mode            APP_ENV=dev
default         DSN="root:root@tcp(mysql:3306)/shop?parseTime=true"
default         DB_DSN="host=pg user=postgres password=postgres dbname=shop"
-               DB_DSN="host=pg user=shop password=Zx7qLm2vT9wK dbname=shop sslmode=verify-full"
-               LISTEN_ADDR=127.0.0.1:8080
-               BIND_URL=http://0.0.0.0:8080

[services]
default         MINIO_ROOT_PASSWORD=minioadmin
default         GF_SECURITY_ADMIN_PASSWORD=admin
default         ELASTIC_PASSWORD=changeme
default         KEYCLOAK_ADMIN_PASSWORD=admin
default         PGADMIN_DEFAULT_PASSWORD=admin
default         DASHBOARD_PASSWORD=this_password_is_insecure_and_should_be_updated
default weak    JWT_SECRET=your-super-secret-jwt-token-with-at-least-32-characters-long
default         POSTGRES_PASSWORD=your-super-secret-and-long-postgres-password
default         REDIS_CONNECTION=cache:6379,password=redis
-               MYSQL_RANDOM_ROOT_PASSWORD=yes
~local          OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317
-               HEALTHCHECK_URL=http://localhost:8080/health
-               NO_PROXY=localhost,127.0.0.1
-               TZ=Africa/Niamey
-               PWD=/
-               STRIPE_PUBLISHABLE_KEY=pk_live_51Hq8xLkT2vZmRwYbN7cXs
-               SENTRY_ENVIRONMENT=production
~mode           SENTRY_ENVIRONMENT=development
-               AWS_REGION=eu-west-3
-               DATABASE_PASSWORD_FILE=/run/secrets/db
-               SMTP_PASSWORD=vault:secret/data/smtp#password
"""
"""`~` before what only warns. The values are ours, the published defaults those of the projects' own documentation."""


def rows() -> list[tuple[str, str, str]]:
    """Return the framework, the red checks and the line of each row."""
    found, framework = [], ""
    for line in TABLE.strip().splitlines():
        if line.startswith("["):
            framework = line.strip("[]")
        elif line:
            found.append((framework, line[:16].strip(" -"), line[16:]))
    return found


def running(framework: str) -> Running:
    """Return what the preset of a framework says of modes and switches; of missing ones this table says nothing."""
    given = PRESETS.get(framework, {}).get("running", {})
    return Running.model_validate({key: value for key, value in given.items() if key != "demanded"})


def test_there_are_enough() -> None:
    assert len(rows()) >= 180
    assert len({line for _, _, line in rows()}) == len(rows())


@pytest.mark.parametrize("framework", dict.fromkeys(name for name, _, _ in rows()))
def test_every_line_is_red_for_what_is_wrong_and_for_nothing_else(framework: str, api: EnvFile, seen: Seen) -> None:
    wrong = {}
    for _, red, line in (row for row in rows() if row[0] == framework):
        got = {f"{MARKS[v.outcome]}{name}" for name, v in judged(api, seen, line, framework) if v.outcome in MARKS}
        if got != set(red.split()):
            wrong[line] = f"is {sorted(got)}, not {red.split()}"
    assert wrong == {}


def judged(api: EnvFile, seen: Seen, line: str, framework: str) -> list[tuple[str, Verdict]]:
    v = seen(line + "\n")
    return [
        ("mode", runs_as_production(api, v, {api: v}, PRODUCTION, running(framework))),
        ("local", addresses_not_local(api, v, PRODUCTION, Local(), OriginsOf())),
        ("open", lists_closed(api, v, PRODUCTION, OriginsOf())),
        ("weak", session_secrets_strong(api, v, {api: v}, Signing(), Tokens())),
        ("weak", jwt_secrets_strong(api, v, Tokens())),
        ("default", no_placeholders(api, v)),
    ]
