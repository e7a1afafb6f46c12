#include "cli/session/finish.h"

#include "cli/base/msg.h"
#include "cli/outputs/actions.h"
#include "cli/outputs/outputs.h"

bool finish_reports(const struct options *options, const struct report *report, time_t start)
{
	bool ok = true;

	for (size_t i = 0; i < options->n_outputs; i++) {
		struct err err = {0};

		if (outputs_write(&options->outputs[i], options, report, start, &err)) {
			msg_error(STATUS_FAILED, "%s", err.text);
			ok = false;
		}
	}
	if (options->github) {
		struct err err = {0};

		/* a job's surroundings are no reason to spoil a run that went well */
		if (actions_write(options, report, &err))
			msg_warning("%s", err.text);
	}
	return ok;
}
