"""Secrets that must be found and harmless texts that must not: made up as the tests run, so that none stands here."""

# ruff: noqa: E501 - a table is read by its lines
from __future__ import annotations

import base64
import hashlib
import json

from golive_lab.world.env_texts import made_up

HEX = "0123456789abcdef"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"


def value(name: str, length: int = 32, letters: str = "") -> str:
    """Make up a value, the same at every run."""
    return made_up(f"lists {name}", length, letters) if letters else made_up(f"lists {name}", length)


def packed(text: str | bytes) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def jwt(claims: dict[str, object], name: str) -> str:
    """Make up a JSON Web Token."""
    parts = (json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps(claims))
    return ".".join(
        [*(packed(part).rstrip("=").replace("+", "-").replace("/", "_") for part in parts), value(name, 43)]
    )


def key(label: str = "") -> str:
    """Make up a private key's block."""
    lines = "\n".join(value(f"key {number}", 64) for number in range(8))
    return f"-----BEGIN {label}PRIVATE " + f"KEY-----\n{lines}\n-----END {label}PRIVATE KEY-----\n"


def real_key(name: str) -> str:
    """Make up a private key's block as it is written, with base64's plus and slash in it."""
    text = base64.b64encode(b"".join(hashlib.sha512(f"{name} {n}".encode()).digest() for n in range(19))).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return "-----BEGIN PRIVATE " + f"KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"


PLAIN = (
    "production.env",
    "env.staging",
    "Dockerfile",
    "run.sh",
    "deploy.yml",
    "app.ini",
    "app.properties",
    "c.toml",
    "x.conf",
    "notes.txt",
)
NAMES = (
    "GITLAB_TOKEN",
    "ENCRYPTION_KEY",
    "AZURE_SUBSCRIPTION_KEY",
    "DB_PASSWORD",
    "JWT_SECRET",
    "API_KEY",
    "SESSION_SECRET",
    "MTN_PRIMARY_SUBSCRIPTION_KEY",
    "APP_KEY",
    "spring.datasource.password",
)
MARK = {"yml": ": ", "Dockerfile": "="}


def _plain(file: str, name: str) -> str:
    written = f"{name}{MARK.get(file.rpartition('.')[2], '=')}"
    before = "ENV " if file == "Dockerfile" else "export " if file == "run.sh" else ""
    secret = value(f"{file} {name}")
    return f'{before}{written}"{secret}"\n' if file == "c.toml" else f"{before}{written}{secret}\n"


FOUND = {
    **{f"{name} in {file}": (file, _plain(file, name)) for file in PLAIN for name in NAMES},
    **{
        f"a random value, {name}": ("production.env", f"API_TOKEN={text}\n")
        for name, text in {
            "letters and digits": value("r1", 24),
            "base32": value("r2", 32, BASE32),
            "small letters and digits": value("r3", 28, LOWER),
            "hex": value("r4", 32, HEX),
            "a UUID": "3f2b8c1d-9a47-4e6b-8d15-7c0e92ab46f3",
            "with signs": value("r5", 14) + "+/_" + value("r6", 12),
        }.items()
    },
    "json": ("config.json", f'{{"apiKey": "{value("json")}"}}\n'),
    "a quoted name": ("settings.php", f"'db_password' => '{value('php', 20)}',\n"),
    "an index": ("settings.php", f"$config['auth_token'] = '{value('index', 40, HEX)}';\n"),
    "a type before the value": ("app.ts", f"const apiSecret: string = '{value('typed')}';\n"),
    "a container's list": ("k8s.yaml", f"- name: DB_PASSWORD\n  value: {value('k8s', 20)}\n"),
    "ENV without =": ("Dockerfile", f"ENV API_TOKEN {value('dockerfile')}\n"),
    "an option": ("run.sh", f"tool --password {value('option', 20)} run\n"),
    "xml": ("web.config", f'<add key="ApiPassword" value="{value("xml", 20)}"/>\n'),
    "an element": ("settings.xml", f"<password>{value('element', 20)}</password>\n"),
    "netrc": (".netrc", f"machine git.acme.fr login bot password {value('netrc', 20)}\n"),
    "npmrc": (".npmrc", f"//registry.acme.fr/:_authToken={value('npmrc', 36)}\n"),
    "redis": ("compose.yml", f"REDIS_URL: redis://:{value('redis', 24)}@cache.acme.fr:6379/0\n"),
    "postgres": ("a.yaml", f"url: postgresql://app:{value('postgres', 24)}@db.acme.fr/app\n"),
    "amqp": ("a.txt", f"amqps://app:{value('amqp', 24)}@mq.acme.fr/app\n"),
    "docker": ("config.json", f'{{"auths": {{"r.acme.fr": {{"auth": "{packed("bot:" + value("docker", 20))}"}}}}}}\n'),
    "pgpass": (".pgpass", f"db.acme.fr:5432:app:app:{value('pgpass', 20)}\n"),
    "bearer": ("call.sh", f"curl -H 'Authorization: Bearer {value('bearer', 40)}' https://api.acme.fr\n"),
    "basic": ("call.sh", f"curl -H 'Authorization: Basic {packed('bot:' + value('basic', 20))}' https://api.acme.fr\n"),
    "jwt": ("a.ts", f"const t = '{jwt({'sub': '8812', 'iss': 'acme', 'exp': 4102444800}, 'jwt')}';\n"),
    "key": ("server.pem", key("RSA ")),
    **{f"a key as it is written, {n}": ("server.pem", real_key(f"pem {n}")) for n in range(8)},
    "a key in a program": ("a.ts", "const k = '" + real_key("ts").strip().replace("\n", "\\n' +\n  '") + "';\n"),
    "a key in a program, plus before": (
        "A.java",
        'String k = "' + real_key("java").strip().replace("\n", '\\n"\n  + "') + '";\n',
    ),
    "a key in one line of json": ("sa2.json", json.dumps({"private_key": real_key("json")})),
    "key in one line": (".env.production", 'KEY="' + key().replace("\n", "\\n") + '"\n'),
    "key in json": ("sa.json", json.dumps({"type": "service_account", "private_key": key()})),
    "aws": ("a.ts", f"const id = 'AKIA{value('aws', 16, BASE32)}';\n"),
    "github": ("a.ts", f"ghp_{value('github', 36)}\n"),
    "github's new form": ("a.txt", f"x ghs_12345_{jwt({'iss': 'github'}, 'ghs')} y\n"),
    "github in a test": ("tests/a.ts", f"'ghp_{value('github test', 36)}'\n"),
    "github in a bundle": ("dist/app.min.js", f"var a=1;var b='ghp_{value('github min', 36)}';\n"),
    "stripe": ("a.md", f"`sk_live_{value('stripe', 40)}`\n"),
    "stripe restricted": ("a.txt", f"rk_live_{value('stripe r', 40)}\n"),
    "stripe test": ("a.txt", f"sk_test_{value('stripe t', 40)}\n"),
    "a Slack webhook": (
        "settings.html",
        f"value='https://hooks.slack.com/services/T0{value('t', 8).upper()}/B0{value('b', 8).upper()}/{value('h', 24)}'\n",
    ),
    "slack": ("a.txt", f"xoxb-{value('sl', 12, '123456789')}-{value('sk', 12, '123456789')}-{value('slack', 24)}\n"),
    "sendgrid": ("a.txt", f"SG.{value('sg', 22)}.{value('sendgrid', 43)}\n"),
    "npm": ("a.txt", f"npm_{value('npm', 36)}\n"),
    "gitlab": ("a.txt", f"glpat-{value('gitlab', 20)}\n"),
    "anthropic": ("a.txt", f"sk-ant-api03-{value('anthropic', 93)}AA\n"),
    "openai": ("a.txt", f"sk-proj-{value('oa', 58)}T3BlbkFJ{value('ob', 58)}\n"),
    "digitalocean": ("a.txt", f"dop_v1_{value('do', 64, HEX)}\n"),
    "vault": ("a.txt", f"hvs.{value('vault', 95)}\n"),
    "google": ("a.txt", f"AIza{value('google', 35)}\n"),
    "a password of one's own": ("application.properties", "spring.datasource.password=Kraken7!" + "Fjord\n"),
    "a password of one's own in code": ("db.py", "connect(user='shop', password='Zebra" + "92#Lofoten')\n"),
    "a short password in a URL": ("a.yaml", "url: mysql://shop:zebra" + "92@db.acme.fr/shop\n"),
    **{
        f"written as {syntax}": (file, form.format(v=value(f"syntax {syntax}", 28)) + "\n")
        for syntax, (file, form) in {
            "a default of the environment": ("api.py", 'KEY = os.environ.get("MAPS_API_KEY", "{v}")'),
            "what a variable lacks": ("api.ts", 'const key = process.env.MAPS_API_KEY || "{v}";'),
            "what a variable lacks, by ??": ("api.mjs", "mailToken: process.env.MAIL_TOKEN ?? '{v}',"),
            "what PHP's environment lacks": ("db.php", "$p = getenv('DB_PASSWORD') ?: '{v}';"),
            "a constant of PHP": ("wp-config.php", "define('AUTH_KEY', '{v}');"),
            "a call": ("main.go", 'os.Setenv("STRIPE_SECRET", "{v}")'),
            "Ruby's ||=": ("init.rb", "ENV['SMTP_PASSWORD'] ||= '{v}'"),
            "Rust's constant": ("main.rs", 'const API_KEY: &str = "{v}";'),
            "Visual Basic": ("Main.vb", 'Dim apiSecret As String = "{v}"'),
            "bytes": ("sign.py", 'SIGNING_KEY = b"{v}"'),
            "parentheses": ("sign.py", "SIGNING_KEY = ('{v}')"),
            "C's define": ("wifi.h", '#define WIFI_PASSWORD "{v}"'),
            "Clojure's keyword": ("core.clj", '{{:client-secret "{v}"}}'),
            "a task's environment in JSON": ("task-def.json", '{{"name": "DB_PASSWORD",\n "value": "{v}"}}'),
            "a user of PostgreSQL": ("roles.sql", "CREATE ROLE shop LOGIN PASSWORD '{v}';"),
            "a user of MySQL": ("users.sql", "ALTER USER shop IDENTIFIED WITH caching_sha2_password BY '{v}';"),
            "Redis' own": ("redis.conf", "requirepass {v}"),
            "a shell's default": ("start.sh", 'exec app --password "${{DB_PASSWORD:-{v}}}"'),
            "Spring's default": ("Mail.java", '@Value("${{mail.password:{v}}}")'),
            "curl's user": ("deploy.sh", "curl -fsS -u deploy:{v} https://r.acme.fr/hook"),
            "mysql's option": ("dump.sh", "mysqldump -h db -ushop -p{v} shop"),
            "sshpass": ("copy.sh", "sshpass -p {v} scp a b:"),
            "requests' auth": ("call.py", 'requests.get(url, auth=("deploy", "{v}"))'),
        }.items()
    },
    **{
        f"a name of two letters, {file}": (file, f"module.exports = {{ password: '{value(file, 24)}' }};\n")
        for file in ("config/db.js", "src/io.ts", "pg.js", "ci.yml")
    },
    "hugging face": ("a.txt", f"hf_{value('hf', 34, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')}\n"),
}
"""A file's path and text: each must be found, as a failure."""

PASSWORDS = {"en": "Password", "fr": "Mot de passe", "de": "Passwort123", "es": "Contraseña"}
HARMLESS = {
    "Slack's example of a webhook": (
        "settings.html",
        f'<input placeholder="https://hooks.slack.com/services/T{"0" * 8}/B{"0" * 8}/{"X" * 24}">\n',
    ),
    **{f"{where} {tongue}": (where.format(tongue), f'{{"password": "{word}", "resetToken": "{word}-2024!x"}}\n')
       for where in ("locales/{}.json", "src/i18n/{}/auth.json", "messages_{}.json") for tongue, word in PASSWORDS.items()},
    "a bundle": ("public/app.min.js", f'!function(){{var e={{password:"{value("bundle", 20)}",tokenKey:"aB3dE5fG7h"}}}}();\n'),
    "CI's own database": (".github/workflows/ci.yml", "DATABASE_URL: postgres://postgres:postgres@localhost:5432/test\n"),
    "CI's own password": (".github/workflows/ci.yml", "POSTGRES_PASSWORD: postgres\nMYSQL_ROOT_PASSWORD: root\n"),
    "user and password the same": ("compose.yml", "url: mysql://acme:acme@db:3306/acme\n"),
    "base64 like a key of AWS": ("a.map", f"{value('b64', 200)}+AKIA{value('b64aws', 16, BASE32)}/{value('b64c', 200)}=\n"),
    "base64 in code": ("font.ts", f"'data:font/woff2;base64,{value('font', 200)}AKIA{value('font2', 16, BASE32)}{value('font3', 99)}'\n"),
    "a key that is only spoken of": ("a.ts", "const k = '-----BEGIN PRIVATE " + "KEY-----\\n...\\n-----END PRIVATE KEY-----';\n"),
    "a key's form": (".env.sample", 'KEY="-----BEGIN RSA PRIVATE ' + 'KEY-----\\nMIIE...your key...\\n-----END RSA PRIVATE KEY-----"\n'),
    "jwt.io": ("readme.txt", jwt({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, "jwt.io") + "\n"),
    "Supabase's public key": ("app.ts", f"const k = '{jwt({'iss': 'supabase', 'role': 'anon', 'exp': 4102444800}, 'anon')}';\n"),
    "Amazon's example": ("a.txt", "aws_access_key_id=AKIA" + "IOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI" + "/K7MDENG/bPxRfiCYEXAMPLEKEY\n"),
    "placeholders": (".env.production", "JWT_SECRET=change-me\nAPI_KEY=your_api_key_here\nTOKEN=<token>\nDB_PASSWORD=${DB_PASSWORD}\nA_SECRET=xxxxxxxxxxxx\n"),
    "references": ("a.ts", "const password = request.body.password;\nconst token = await getToken(config.auth);\nconst apiKey = process.env.API_KEY;\n"),
    "a secret manager's": ("a.yaml", "password: vault:secret/data/app#password\ntoken: arn:aws:secretsmanager:eu-west-3:123456789012:secret:app\napiKey: op://prod/app/key\n"),
    "names": ("a.yaml", "secretName: acme-api-tls\npasswordSecret: /run/secrets/db-password\ntokenKey: access_token\nstorageKey: cart-items-v2\n"),
    "public keys": ("a.ts", f"const publishableKey = 'pk_live_{value('pk', 30)}';\nconst publicKey = '{value('pub', 43)}';\nconst siteKey='{value('site', 40)}';\n"),
    "a lock file": ("package-lock.json", f'"integrity": "sha512-{value("sha", 86)}=="\n'),
    "digests": ("a.yaml", f"webhook_secret_sha256: {value('digest', 64, HEX)}\ntoken_hash: {value('hash', 64, HEX)}\n"),
    "a test's password": ("tests/login.test.ts", "const password = 'Passw0rd!';\nlogin({ password: 'hunter2-hunter2' });\n"),
    "documentation": ("docs/setup.md", "Set `API_TOKEN=abc123def456` and `DB_PASSWORD=s3cr3t-pass`.\n"),
    "an example file": (".env.example", "DB_PASSWORD=secret\nAPP_KEY=base64:\nSESSION_SECRET=keyboard cat\n"),
    "words": ("a.ts", "const passwordHint = 'Eight characters, one of them 1-9';\nconst errorToken = 'invalid-token-error';\n"),
    "code": ("a.py", "token_type = 'Bearer'\nkey_path = '/etc/app/server2024.key'\nauth = HTTPBasicAuth(user1, pass1)\n"),
    "headers": ("a.ts", "headers: { Authorization: `Bearer ${token}` }\n'Bearer your-access-token-goes-here'\n"),
    "a list of libpq's methods": ("a.py", '"require_auth": "password,md5,scram-sha-256,gss,sspi,none",\n'),
    "what a program puts in": ("a.ts", "const token = `auth:${createAuthKey()}`;\nconst secret = 'ol_whs_${randomString(32)}';\nconst apiKey = \"tok-#{SecureRandom.hex(8)}-2024\";\n"),
    "a pattern": ("Dockerfile", "RUN sed -i 's/DB_PASSWORD=.*/DB_PASSWORD=acme2024/' .env\n"),
    "a framework's rules": ("Request.php", "'password' => 'nullable|min:6|confirmed',\n'token' => 'required|alpha_dash|string|max:255',\n"),
    "camel case": ("a.ts", "const authKey = 'billingConfirmationOrganizationId';\nCreateToken = 'membersCanCreateApiKey2',\nlet sessionKey = '__acmeSentryClientConfig1';\n"),
    "a type": ("schema.graphql", "password: PasswordLoginModeEnum2!\nauthToken: AccessTokenConnection!\n"),
    "part of a page": ("a.vue", '<x :auth="inheritedProperties2?.auth" :token="tokenGenerateActionLoading2"/>\n'),
    "versions": ("package.json", '"jsonwebtoken": "^9.0.3",\n"next-auth": "~4.24.11",\n'),
    "left out": ("a.ts", "const token = 'eyJhbG...2g';\nconst secret = 'sk_live_...4x9';\n"),
    "yarn itself": (".yarn/releases/yarn-4.6.0.cjs", f"var password='{value('yarn', 20)}';a='https://u:key_1234@registry.acme.fr'\n"),
    "PostHog's public key": ("a.json", f'{{"posthogKey": "phc_{value("phc", 43)}", "apiKey": "phc_{value("phc2", 43)}"}}\n'),
    "a token that counts": ("a.vue", '<input placeholder="sk_live_' + 'abc123xyz789"/>\n'),
    "the key of Azure's emulator": ("a.cs", 'var accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq' + '/K1SZFPTOtr/KBHBeksoGMGw==";\n'),
    "an env file of tests": (".env.test", f"DB_PASSWORD={value('env test', 12)}\nSESSION_SECRET=for-the-tests-alone-1\n"),
    "patterns": ("forms.py", 'API_KEY = r"\\bnpm_[A-Za-z0-9]{36}\\b"\nSHAPES = {"acme-token": "acme_[a-z0-9]{16,40}"}\nconst tokenForm = "^(?:tok|sec)_[A-Z2-7]{26}$";\n'),
    "names beside names": ("forms.py", 'fields = ("old_password", "new_password2", "new_password1")\nlabel("password", "At least 8 characters")\n'),
    "what a call gives a name": ("api.py", 'os.environ.get("API_KEY", "")\nenv("DB_PASSWORD", "change-me")\nlogger.info("token", "refreshed-by-user")\n'),
    "SQL's words": ("roles.sql", "ALTER ROLE shop PASSWORD NULL;\nCREATE USER a IDENTIFIED BY 'change_me';\n"),
    "a shell's empty default": ("start.sh", 'curl -u "$USER:$DEPLOY_TOKEN" https://a.acme.fr\necho "${DB_PASSWORD:-}" "${API_KEY:?is not set}"\n'),
    "a shell's complaint": ("compose.yml", "SECRET_KEY: ${SECRET_KEY?Variable not set 1!}\n"),
    "a text with a variable in it": ("seed.ts", "ingestion_api_key: `pk-lf-seed-${context.prefix}-${sdk.key9}`,\n"),
    "a version": ("package.json", '"next-auth": "5.0.0-beta.25",\n'),
    "a default in a URL": ("a.yaml", "url: mysql://shop:shop@db.acme.fr/shop\n"),
    "binary": ("logo.png", f"\x89PNG\0\0{value('png', 400)}\n"),
}  # fmt: skip
"""A file's path and text: nothing in it may be called a secret."""
