/* What a report has from neither the model nor the course of a process, as bytes for a recording, and back. */
#ifndef CLI_SESSION_FACTS_H
#define CLI_SESSION_FACTS_H

#include "cli/analysis/memstats.h"
#include "cli/base/pack.h"

struct string_pool; /* cli/symbols/string_pool.h */

struct report_facts {
	struct report_overhead overhead; /* without the shim's part */
	struct memstats_input memstats;
};

void facts_pack(const struct report_facts *facts, struct pack *to);

/* Strings go to `texts`. False if the bytes make no sense. */
bool facts_unpack(struct unpack *from, struct string_pool *texts, struct report_facts *facts);

#endif
