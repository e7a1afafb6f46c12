/* Any bytes as a request line: taken or refused without a crash, and what is taken reads the same when it is printed.
 */
#include "cli/serve/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request, again;
	struct err err = {""};
	struct out *out;
	const char *text;
	char *line = malloc(size ? size : 1); /* nothing behind it may be read */
	size_t n;

	if (!line)
		return 0;
	memcpy(line, data, size);
	if (request_parse(line, size, &request, &err) == 0) {
		out = out_memory();
		request_print(&request, out);
		text = out_text(out, &n);
		if (n < REQUEST_MAX_BYTES && request_parse(text, n - 1, &again, &err))
			abort();
		if (n < REQUEST_MAX_BYTES &&
		    (again.verb != request.verb || again.pid != request.pid || again.n_outputs != request.n_outputs ||
		     again.how.top != request.how.top || again.how.show != request.how.show ||
		     again.how.color != request.how.color))
			abort();
		out_close(out, &err);
	} else if (!err.text[0]) {
		abort();
	}
	free(line);
	return 0;
}
