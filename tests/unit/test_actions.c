#include "cli/outputs/actions.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(actions, only_true_is_a_job)
{
	setenv("GITHUB_ACTIONS", "true", 1);
	cr_expect(actions_are_here());
	setenv("GITHUB_ACTIONS", "false", 1);
	cr_expect(!actions_are_here());
	unsetenv("GITHUB_ACTIONS");
	cr_expect(!actions_are_here());
}
