"""The databases and buckets of a draft."""

from collections.abc import Callable

from golive_checks.init.databases import FoundDatabase
from golive_checks.init.survey import Survey
from golive_checks.init.text import FILL_IN, comment, value

Path = Callable[[str], str]


def data(found: Survey, path: Path) -> list[str]:
    """Return the lines of what a product keeps its data in."""
    return [*_databases(found, path), *_buckets(found)]


def _databases(found: Survey, path: Path) -> list[str]:
    """Write an entry for each database; a folder of tenants' migrations belongs to the database before it."""
    seen = found.databases
    if seen.engine and seen.engine.what == "Postgres" and not seen.found:
        text = f"{comment(seen.engine.where)} names Postgres, and no file the variable of its URL"
        return ["", f'# databases: {{main: {{url: "${{DATABASE_URL}}"}}}}  {FILL_IN} {text}']
    if not seen.found:
        return []
    tenants = [each for each in seen.found if each.migrations and "tenant" in each.migrations.where.lower()]
    masters = [each for each in seen.found if each not in tenants]
    if not masters:
        masters, tenants = tenants, []
    files = sorted({each.set_in for each in masters if each.set_in})
    lines = ["", f"variables: {{dotenv: [{', '.join(map(path, files))}]}}"] if files else []
    lines += ["", "databases:"]
    for number, each in enumerate(masters, start=1):
        lines += _database("main" if number == 1 else f"main-{number}", each, path)
    if tenants and tenants[0].migrations:
        folder = path(tenants[0].migrations.where)
        query = "query: SELECT schema_name FROM tenants"
        lines.append(
            f"    # tenants: {{kept_as: schema, {query}, migrations: {folder}}}  {FILL_IN} where its tenants are"
        )
    return lines


def _database(key: str, each: FoundDatabase, path: Path) -> list[str]:
    lines = [f"  {key}:  # seen in {comment(each.where)}", f'    url: "${{{each.variable}:-}}"']
    if not each.set_in:
        lines[-1] += f"  {FILL_IN} no env file of this environment sets it: set the variable, or name a secret"
    if each.migrations:
        lines.append(f"    migrations: {path(each.migrations.where)}")
    return lines


def _buckets(found: Survey) -> list[str]:
    lines = ["", "buckets:"] if found.buckets else []
    for number, bucket in enumerate(found.buckets, start=1):
        lines.append(
            f"  {'files' if number == 1 else f'files-{number}'}:  # {bucket.variable} in {comment(bucket.where)}"
        )
        lines.append(f"    bucket: {value(bucket.name)}")
        lines += [f"    endpoint_url: {value(bucket.endpoint_url)}"] if bucket.endpoint_url else []
        lines.append(
            f"    region: {value(bucket.region)}" if bucket.region else f"    # region: {FILL_IN} no file says"
        )
        lines += [
            '    # key: {access_key_id: "${S3_KEY_ID}", secret_access_key: "${S3_SECRET}"}  # the application\'s',
            "    # audit_key: {}  # likewise, of one who may read its settings",
            "    # Without either, credentials are found as the AWS command line finds them.",
        ]
    if not found.buckets and (seen := found.vendors.get("S3")):
        text = f"{comment(seen.what)} was seen in {comment(seen.where)}, and no file names a bucket"
        lines += ["", f"# buckets: {{files: {{bucket: …, region: …}}}}  {FILL_IN} {text}"]
    return lines
