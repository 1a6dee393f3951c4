import pytest

from golive_checks.systems.ci.model import Job, Pipeline
from golive_checks.systems.ci.outcomes import Mishap, outcomes
from golive_checks.systems.ci.worlds import PipelineWorld

NEEDS = ("build", "e2e-tests")
RESULT = "needs.e2e-tests.result"


CASES = pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("", "held"),
        ("github.ref == 'refs/heads/main'", "held"),
        ("success()", "held"),
        ("${{ success() && github.ref == 'refs/heads/main' }}", "held"),
        ("!failure()", "held"),
        ("${{ !failure() && !cancelled() }}", "held"),
        ("always()", "starts"),
        ("${{ always() }}", "starts"),
        ("!cancelled()", "starts"),
        ("failure()", "starts"),
        ("success() || failure()", "starts"),
        ("always() && github.ref == 'refs/heads/main'", "starts"),
        (f"always() && {RESULT} == 'success'", "held"),
        (f"always() && {RESULT} == 'Success'", "held"),
        ("always() && needs['e2e-tests'].result == 'success'", "held"),
        (f"always() && {RESULT} != 'failure'", "held"),
        (f"always() && {RESULT} != 'cancelled'", "starts"),
        (f"always() && !({RESULT} == 'failure')", "held"),
        (f"always() && ({RESULT} == 'success' || {RESULT} == 'skipped')", "held"),
        (f"always() && ({RESULT} == 'success' || github.ref == 'refs/heads/main')", "starts"),
        ("always() && needs.build.result == 'success'", "starts"),
        ("always() && !contains(needs.*.result, 'failure')", "held"),
        ("always() && !contains( needs.*.result , 'cancelled')", "starts"),
        ("always() && contains(needs.*.result, 'success')", "starts"),
        ("always() && contains(github.ref, 'main')", "starts"),
        ("always() && needs.build.outputs.changed == 'true'", "starts"),
        ("always() && false", "held"),
        ("always() && github.event.inputs.what != 'it''s always()'", "starts"),
        ("github.event.head_commit.message == 'always'", "held"),
        ("always() && !contains(join(needs.*.result, ','), 'failure')", "held"),
        ("always() && !contains(toJSON(needs), 'failure')", "held"),
        (f"always() && {RESULT} == 'success' && contains(toJSON(needs), 'x')", "held"),
        ("always() && (", "unclear"),
        ("always() && " + "(" * 3000, "unclear"),
    ],
)


def starts(condition: str, needs: tuple[str, ...] = NEEDS) -> bool:
    jobs = (*(Job(name, 1) for name in needs), Job("deploy", 1, needs=needs, when=condition))
    world = PipelineWorld({"github.ref": "refs/heads/main"}, {"VALUE('needs.build.outputs.changed') == 'true'": True})
    return (
        outcomes(Pipeline("ci.yml", "github", jobs=jobs), world, Mishap(frozenset(needs[-1:])))["deploy"] == "success"
    )


@CASES
def test_what_becomes_of_a_job(condition: str, answer: str) -> None:
    assert starts(condition) is (answer == "starts")


def test_of_the_only_one_that_it_needs() -> None:
    assert not starts("always() && contains(needs.*.result, 'success')", ("e2e",))
