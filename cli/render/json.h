/* The JSON report, and what the HTML page has beside it. */
#ifndef CLI_RENDER_JSON_H
#define CLI_RENDER_JSON_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stdbool.h>

/* With `sites`, processes have what each of their stacks allocated, "sites": no part of the JSON report's contract. */
void json_report(const struct report *report, bool sites, struct out *out);

#endif
