import pytest

from golive_checks.systems.ci.conditions import although_failed

NEEDS = ("build", "e2e-tests")
RESULT = "needs.e2e-tests.result"


@pytest.mark.parametrize(
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
        (f"always() && ({RESULT} == 'success' || inputs.force)", "starts"),
        ("always() && needs.build.result == 'success'", "starts"),
        ("always() && !contains(needs.*.result, 'failure')", "held"),
        ("always() && !contains( needs.*.result , 'cancelled')", "starts"),
        ("always() && contains(needs.*.result, 'success')", "starts"),
        ("always() && contains(github.ref, 'release')", "starts"),
        ("always() && needs.build.outputs.changed == 'true'", "starts"),
        ("always() && false", "held"),
        ("always() && github.event.inputs.what == 'it''s always()'", "starts"),
        ("github.event.head_commit.message == 'always'", "held"),
        ("always() && !contains(join(needs.*.result, ','), 'failure')", "unclear"),
        ("always() && !contains(toJSON(needs), 'failure')", "unclear"),
        (f"always() && {RESULT} == 'success' && contains(toJSON(needs), 'x')", "held"),
        ("always() && (", "unclear"),
        ("always() && " + "(" * 3000, "unclear"),
    ],
)
def test_what_becomes_of_a_job(condition: str, answer: str) -> None:
    assert although_failed(condition, "e2e-tests", NEEDS) == answer


def test_of_the_only_one_that_it_needs() -> None:
    assert although_failed("always() && contains(needs.*.result, 'success')", "e2e", ("e2e",)) == "held"
